import { randomBytes } from '../crypto/bytes.ts';

export type { Credential } from '../unlock/open.ts';
export { inspectFile } from '../vault/inspect.ts';
export { type Claim, claimHome } from './claim.ts';
export { hasVault, noVault, resolveHome, socketAddress } from './home.ts';
export { type InitOptions, initVault, type NewVault } from './init.ts';
export { type CallContext, openSession, type Session, type SessionOptions } from './session.ts';
export { lockedStatus, SOFTWARE } from './status.ts';

/** Unguessable text of 64 hex digits, for one use. */
export function newToken(): string {
  return randomBytes(32).toString('hex');
}
