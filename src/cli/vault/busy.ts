import { claimHolder } from '../../main/home/owner-record.ts';
import { KeywardError } from '../../shared/errors.ts';

/** The kinds of what unlocks the vault at `home`; readable while it is locked. */
export async function protectorKinds(home: string): Promise<string[]> {
  const { lockedStatus } = await import('../../main/home/locked-status.ts');
  return ((await lockedStatus(home)).protectors ?? []).map(({ kind }) => kind);
}

/** The error when another process holds the vault without serving it. */
export function stillBusy(home: string): KeywardError {
  const pid = claimHolder(home);
  return new KeywardError(
    'OwnerBusy',
    pid === undefined
      ? 'Another Keyward process is just unlocking or ending. Wait a moment and try again.'
      : `Another Keyward process (${pid}) has the vault and can't be reached, as while it unlocks. Wait a moment and try again, or end it with: keyward lock`,
    pid === undefined ? {} : { pid },
  );
}
