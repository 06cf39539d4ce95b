import { claimHolder } from '../../main/home/owner-record.ts';
import { fail, type KeywardError } from '../../shared/errors.ts';

/** The kinds of what unlocks the vault at `home`; readable while it is locked. */
export async function protectorKinds(home: string): Promise<string[]> {
  const { lockedStatus } = await import('../../main/home/locked-status.ts');
  return ((await lockedStatus(home)).protectors ?? []).map(({ kind }) => kind);
}

/** The error when another process holds the vault without serving it. */
export function stillBusy(home: string): KeywardError {
  const pid = claimHolder(home);
  return pid === undefined ? fail('vault-being-unlocked') : fail('vault-held-unreachably', { pid });
}
