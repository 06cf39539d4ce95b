import { fail, KeywardError } from '../../shared/errors.ts';
import { type BackupDocument, ROOMS_LEFT_OUT } from '../backup/document.ts';
import { type OpenedBackup, openBackup } from '../backup/restore.ts';
import { adoptedRows } from '../backup/unite/adopt.ts';
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
    const backup = foundBackup(opened, rescued, macOf);
    return { backup, notes: notesOn(backup) };
  }
  const vault = rescued.identity.id;
  const notes: string[] = [];
  let newest: FoundBackup | undefined;
  for (const folder of await knownFolders(services)) {
    try {
      const found = foundBackup(await openBackup(folder, identity, { vault }), rescued, macOf);
      if (newest === undefined || isBetter(found, newest)) {
        newest?.root.wipe();
        newest = found;
      } else found.root.wipe();
    } catch (error) {
      if (!(error instanceof KeywardError)) throw error;
      notes.push(`No backup is taken from ${folder}: ${error.toBody().message}`);
    }
  }
  return { backup: newest, notes: [...notes, ...(newest === undefined ? [NONE] : notesOn(newest))] };
}

function notesOn({ rows }: FoundBackup): string[] {
  return rows.isWitness ? [] : [EARLIER_ROOT];
}

/** One under today's root key says more than any other; of two, the newer one: of one device by its number, whatever its clock said. */
function isBetter({ rows, document }: FoundBackup, than: FoundBackup): boolean {
  if (rows.isWitness !== than.rows.isWitness) return rows.isWitness;
  if (document.device.id === than.document.device.id) return document.sequence > than.document.sequence;
  return document.created > than.document.created;
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

function foundBackup(opened: OpenedBackup, rescued: Rescued, macOf: RowCheck['macOf']): FoundBackup {
  const { path, document, manifest, root } = opened;
  if (document.vault.id !== rescued.identity.id) {
    root.wipe();
    throw fail('backup-not-of-damaged-vault', { path });
  }
  const isSameRoot = root.equals(rescued.root);
  const texts = isSameRoot ? document.records : rewrapped(opened, rescued);
  const rows = texts.map(([room, id, body]): RecordRow => {
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
      // Whoever had the earlier root key could have made it.
      isWitness: isSameRoot,
    },
  };
}

/** The rows of a backup under an earlier root key, with what is sealed in them under today's. Throws `BackupDamaged`. */
function rewrapped({ path, document, root }: OpenedBackup, rescued: Rescued): BackupDocument['records'] {
  try {
    return [...adoptedRows(document, root, rescued.root).all()].map(([room, id, body]) => [
      room,
      id,
      JSON.stringify(body),
    ]);
  } catch (error) {
    root.wipe();
    if (error instanceof KeywardError) throw error;
    throw fail('backup-row-not-understood', { path }, undefined, error);
  }
}

const EARLIER_ROOT =
  'The backup is under an earlier root key: whoever knew that could have made it. What only it has comes back disabled. Look at each such key before you enable it; where something had leaked, rotate it and encrypt its files anew.';
