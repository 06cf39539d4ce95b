import { randomBytes } from '../crypto/bytes.ts';

export { listBackups, verifyBackups } from '../backup/verify.ts';
export { type Claim, claimHome } from '../home/claim.ts';
export { lockedStatus, SOFTWARE } from '../home/locked-status.ts';
export { ownerAddress } from '../home/owner-record.ts';
export { hasVault, noVault, resolveHome, socketAddress } from '../home/paths.ts';
export type { Credential } from '../unlock/open.ts';
export { inspectFile } from '../vault/inspect.ts';
export { type InitOptions, initVault, type NewVault } from './init.ts';
export { type RestoredVault, type RestoreOptions, restoreVault } from './restore.ts';
export { type CallContext, openSession, type Session, type SessionOptions } from './session.ts';

/** Unguessable text of 64 hex digits, for one use. */
export function newToken(): string {
  return randomBytes(32).toString('hex');
}
