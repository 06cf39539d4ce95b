import { isKeywardError } from '../../shared/errors.ts';
import type { RecoveryIdentity } from '../unlock/recovery-identity.ts';
import { isCertified } from './device.ts';
import { findBackups } from './list.ts';
import type { Manifest } from './manifest.ts';
import { type OpenedBackup, openBackup } from './restore.ts';
import { adoptedRows } from './unite/adopt.ts';
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
 * folders takes away: keys that were shredded, states, denials, revocations. Passed over are devices that the secret
 * never answered for, and what `base` knows already. Throws what `signal` was aborted with, and the disk errors.
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
  for (const path of await newestOfDevices(base, rows, folders, identity)) {
    signal.throwIfAborted();
    try {
      const other = await openBackup(path, identity, { vault: base.manifest.vault });
      try {
        const there = adoptedRows(other.document, other.root, base.root);
        const { changes, kept } = unite(rows, there, { mode: 'restrictions', now, account });
        united.push({ path, changes, kept });
      } finally {
        other.root.wipe();
      }
    } catch (error) {
      if (!isKeywardError(error)) throw error;
      passedOver.push({ path, why: error.toBody().message });
    }
  }
  return { united, passedOver };
}

async function newestOfDevices(
  { manifest: base }: OpenedBackup,
  rows: RowSet,
  folders: readonly string[],
  identity: RecoveryIdentity,
): Promise<string[]> {
  const newest = new Map<string, { readonly path: string; readonly manifest: Manifest }>();
  for (const folder of new Set(folders)) {
    for (const { path, manifest, trouble } of await findBackups(folder)) {
      if (manifest === undefined || trouble !== undefined || manifest.vault !== base.vault) continue;
      const { device, sequence } = manifest;
      const isOlder = device.id === base.device.id && sequence <= base.sequence;
      const isOurs =
        manifest.recipients.includes(identity.recipients[manifest.kind]) &&
        isCertified(manifest.vault, device, identity.recipients.certifier);
      if (isOlder || !isOurs || hasTakenIn(rows, device.id, sequence)) continue;
      const known = newest.get(device.id);
      if (known === undefined || known.manifest.sequence < sequence)
        newest.set(device.id, { path, manifest });
    }
  }
  return [...newest.values()].map(({ path }) => path);
}
