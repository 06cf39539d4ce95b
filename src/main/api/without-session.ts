/* What can be asked while no vault is open: of files, of backups, of a vault that is locked. */

export { backupHolding } from '../backup/holding.ts';
export { listBackups, verifyBackups } from '../backup/verify.ts';
export { lockedHealth } from '../health/locked.ts';
export { lockedStatus, SOFTWARE } from '../home/locked-status.ts';
export { ownerAddress } from '../home/owner-record.ts';
export { generatedPassphrase } from '../unlock/secret.ts';
export { endStrengthThread, passphraseStrength } from '../unlock/strength.ts';
export { inspectFile } from '../vault/inspect.ts';
