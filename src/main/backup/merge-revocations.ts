import { basename } from 'node:path';
import { isKeywardError } from '../../shared/errors.ts';
import type { RecoveryIdentity } from '../unlock/recovery-identity.ts';
import { type FoundBackup, findBackups } from './list.ts';
import { parseBackupName } from './manifest.ts';
import { type OpenedBackup, openBackup } from './restore.ts';
import { adoptedRows, understood } from './unite/adopt.ts';
import { hasTakenIn } from './unite/logs.ts';
import type { RowSet } from './unite/row-set.ts';
import type { Union } from './unite/union.ts';
import { unite } from './unite/unite.ts';

/** A backup whose restrictions were united with those of another, and what that came to. */
type UnitedBackup = Pick<Union, 'changes' | 'kept'> & { readonly path: string };

/** What came of looking at other backups. `passedOver`: those that could not be read, and why. */
export type UnitedOthers = {
  readonly united: readonly UnitedBackup[];
  readonly passedOver: readonly { readonly path: string; readonly why: string }[];
};

/**
 * Unites into `rows`, those of the backup `base` that is being restored, what the newest backup of each device in the
 * folders that opens takes away: keys that were shredded, states, denials, revocations. What does not open, or is for
 * another secret, is told; what `base` knows already is not looked at. Throws what `signal` was aborted with, and the disk
 * errors of the folders.
 */
export async function uniteOthers(
  base: OpenedBackup,
  rows: RowSet,
  options: {
    readonly folders: readonly string[];
    readonly identity: RecoveryIdentity;
    readonly now: number;
    readonly signal: AbortSignal;
  },
): Promise<UnitedOthers> {
  const { folders, identity, now, signal } = options;
  const united: UnitedBackup[] = [];
  const passedOver: { path: string; why: string }[] = [];
  const { account } = base.document.vault;
  for (const backups of await othersByDevice(base, rows, folders)) {
    let isOfOthers = false;
    for (const { path } of backups) {
      signal.throwIfAborted();
      try {
        const other = await openBackup(path, identity, { vault: base.manifest.vault });
        try {
          const { changes, kept } = understood(path, () => {
            const there = adoptedRows(other.document, other.root, base.root);
            return unite(rows, there, { mode: 'restrictions', now, account });
          });
          united.push({ path, changes, kept });
        } finally {
          other.root.wipe();
        }
        break;
      } catch (error) {
        if (!isKeywardError(error)) throw error;
        const isAnothers = isKeywardError(error, 'WrongRecoveryPhrase', 'BackupNotCertified');
        // Of those that are for another secret, which may be many, the newest is told.
        if (!isAnothers || !isOfOthers) passedOver.push({ path, why: error.toBody().message });
        isOfOthers ||= isAnothers;
      }
    }
  }
  return { united, passedOver };
}

/** Of each device its backups of this vault that `base` does not know, the newest first; also those that don't hold. */
async function othersByDevice(
  { manifest: base }: OpenedBackup,
  rows: RowSet,
  folders: readonly string[],
): Promise<FoundBackup[][]> {
  const devices = new Map<string, (FoundBackup & { readonly sequence: number })[]>();
  for (const folder of new Set(folders)) {
    for (const found of await findBackups(folder)) {
      const about = idsOf(found);
      if (about?.vault !== base.vault) continue;
      const { device, sequence } = about;
      // Of a vault that was put back once, another backup may have the same number.
      const isSame = sequence === base.sequence && found.manifest?.sha256 === base.sha256;
      const isOlder = device === base.device.id && (sequence < base.sequence || isSame);
      if (isOlder || hasTakenIn(rows, device, sequence)) continue;
      devices.set(device, [...(devices.get(device) ?? []), { ...found, sequence }]);
    }
  }
  return [...devices.values()].map((backups) => backups.sort((a, b) => b.sequence - a.sequence));
}

/** Whose a backup is, by its manifest, or by its name where that is broken. */
function idsOf({ path, manifest }: FoundBackup): ReturnType<typeof parseBackupName> {
  if (manifest === undefined) return parseBackupName(`${basename(path, '.age')}.json`);
  return { vault: manifest.vault, device: manifest.device.id, sequence: manifest.sequence };
}
