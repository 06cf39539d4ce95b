import { fail, KeywardError } from '../../shared/errors.ts';
import { type BackupDocument, ROOMS_LEFT_OUT } from '../backup/document.ts';
import { type OpenedBackup, openBackup } from '../backup/restore.ts';
import { type BackupRows, CHANGES, changeIn } from '../repair/witnesses.ts';
import { type RecordRow, recordKey } from '../store/record-row.ts';
import type { RowCheck } from '../store/row-check.ts';
import type { RecoveryIdentity } from '../unlock/recovery-identity.ts';
import type { RootKey } from '../unlock/root-key.ts';
import type { Rescued } from './rescue.ts';
import type { Services } from './services.ts';

/** A backup of the damaged vault, opened. The root key is the caller's to wipe. */
export type FoundBackup = {
  readonly path: string;
  readonly document: BackupDocument;
  readonly root: RootKey;
  readonly rows: BackupRows;
};

type Where = {
  readonly rescued: Rescued;
  /** Over what holds of the damaged vault. */
  readonly services: Pick<Services, 'backups'>;
  readonly identity: RecoveryIdentity | undefined;
  readonly from: string | undefined;
  readonly macOf: RowCheck['macOf'];
};

/**
 * The newest backup of the vault in the folder that was named, else in those that the vault knows and that are there now.
 * Throws what `openBackup` throws of one that was named; of the others it is a note.
 */
export async function findRepairBackup({ rescued, services, identity, from, macOf }: Where): Promise<{
  readonly backup: FoundBackup | undefined;
  readonly notes: string[];
}> {
  if (identity === undefined) return { backup: undefined, notes: [NO_PHRASE] };
  if (from !== undefined) {
    const opened = await openBackup(from, identity);
    return { backup: foundBackup(opened, rescued, macOf), notes: [] };
  }
  const notes: string[] = [];
  let newest: FoundBackup | undefined;
  for (const folder of await knownFolders(services)) {
    try {
      const found = foundBackup(await openBackup(folder, identity), rescued, macOf);
      if (newest === undefined || found.document.created > newest.document.created) {
        newest?.root.wipe();
        newest = found;
      } else found.root.wipe();
    } catch (error) {
      if (!(error instanceof KeywardError)) throw error;
      notes.push(`No backup is taken from ${folder}: ${error.toBody().message}`);
    }
  }
  return { backup: newest, notes: newest === undefined ? [...notes, NONE] : notes };
}

const NO_PHRASE =
  'Rows are compared with no backup: that takes the recovery phrase (--recovery-file), for which backups are made.';
const NONE = 'Rows are compared with no backup. If you have one, name it with --from.';

async function knownFolders({ backups }: Pick<Services, 'backups'>): Promise<string[]> {
  try {
    const named = (await backups.folders()).filter(({ state }) => state === 'there').map(({ path }) => path);
    const last = backups.newest()?.path;
    return [...new Set([...named, ...(last === undefined ? [] : [last])])];
  } catch (error) {
    if (error instanceof KeywardError) return [];
    throw error;
  }
}

function foundBackup(
  { path, document, manifest, root }: OpenedBackup,
  rescued: Rescued,
  macOf: RowCheck['macOf'],
): FoundBackup {
  if (document.vault.id !== rescued.identity.id || !root.equals(rescued.root)) {
    root.wipe();
    throw fail('backup-of-another-root', { path });
  }
  const rows = document.records.map(([room, id, body]): RecordRow => {
    const row = { room, id, body: Buffer.from(body) };
    return { ...row, mac: macOf(row) };
  });
  const state = rows.find(({ room, id }) => room === CHANGES && id === 'state');
  const device = rescued.survey.rows.find(({ room, id }) => room === 'device' && id === 'this');
  const own = device === undefined ? undefined : (JSON.parse(device.body.toString()) as { id?: unknown }).id;
  return {
    ...{ path, document, root },
    rows: {
      rows: new Map(rows.map((row) => [recordKey(row.room, row.id), row])),
      // Only this device's changes are counted as this vault's are.
      change: state !== undefined && own === manifest.device.id ? changeIn(state) : undefined,
      without: ROOMS_LEFT_OUT,
    },
  };
}
