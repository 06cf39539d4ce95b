import type { Clock } from '../../shared/clock.ts';
import type { PersonalCredential } from '../../shared/credential.ts';
import { fail, type KeywardError, say } from '../../shared/errors.ts';
import type { Finding } from '../../shared/findings.ts';
import { takeOverLog } from '../audit/salvage.ts';
import { wipe } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import { type DamagedFiles, readDamagedFiles } from '../home/damaged-vault.ts';
import { databasePath } from '../home/paths.ts';
import { type ReadTx, Store, type Tx } from '../store/database.ts';
import { identityIn, insertIdentity, type VaultIdentity } from '../store/identity.ts';
import { type KeysFileContents, readContents } from '../store/keys-file/contents.ts';
import { frameMac } from '../store/keys-file/frames.ts';
import type { RecordRow } from '../store/record-row.ts';
import { readableRows } from '../store/rescue/readable-rows.ts';
import { type BrokenRow, type SalvagedRecords, salvageRecords } from '../store/rescue/salvage-records.ts';
import { MIGRATIONS } from '../store/schema.ts';
import { openRescueKey } from '../unlock/rescue-key.ts';
import type { RootKey } from '../unlock/root-key.ts';
import { meaningOf } from './broken-rows.ts';
import { type Services, wireServices } from './services.ts';

/** What was put together of a damaged vault: its root key, and its records as far as they hold. */
export type Rescued = {
  readonly root: RootKey;
  readonly identity: VaultIdentity;
  readonly survey: SalvagedRecords;
  readonly files: DamagedFiles;
  /** The newest change that the second file has, and whether all of it holds. */
  readonly second: { readonly change: number; readonly isWhole: boolean } | undefined;
  /** The protector that gave the root key. */
  readonly opener: string;
};

/**
 * Opens the root key of a damaged vault and puts its records together from both files. `undefined` where that does not
 * help: no protector of this kind holds, or none of the records is this root key's. Nothing is written. Throws
 * `WrongPassphrase`, `WrongRecoveryPhrase`, and the disk errors. The caller ends it by `endRescued`.
 */
export async function rescue(
  home: string,
  credential: PersonalCredential,
  cause: KeywardError,
): Promise<Rescued | undefined> {
  const files = readDamagedFiles(home);
  try {
    // A vault that a newer version wrote says so in both files.
    if (cause.code === 'VaultNewer' && !isUnderstood(files.schema)) return undefined;
    const opened = await openRescueKey(files.protectors, credential);
    if (opened === undefined) return undefined;
    const { root, facts } = opened;
    const { survey, second } = surveyOf(files, root);
    const identity = identityIn(survey.rows);
    if (identity === undefined || identity.id !== root.vaultId || !isKnown(survey, facts.id, files)) {
      root.wipe();
      files.database?.close();
      return undefined;
    }
    return { root, identity, survey, files, second, opener: facts.id };
  } catch (error) {
    files.database?.close();
    throw error;
  }
}

/** Whether this version knows a schema of this many steps; 0, a file that does not tell, is unknown. */
function isUnderstood(schema: number): boolean {
  return schema > 0 && schema <= MIGRATIONS.length;
}

function surveyOf(files: DamagedFiles, root: RootKey): Pick<Rescued, 'survey' | 'second'> {
  const keys = {
    row: root.purposeKey('record'),
    set: root.purposeKey('record-set'),
    keysFile: root.purposeKey('keys-file'),
  };
  try {
    const keysFile =
      files.keysFile === undefined ? undefined : readContents(files.keysFile, frameMac(keys.keysFile));
    const survey =
      files.database?.read((database) => salvageRecords({ database, keysFile, keys })) ??
      salvageRecords({ database: undefined, keysFile, keys });
    return { survey, second: keysFile === undefined ? undefined : stateOf(keysFile) };
  } finally {
    wipe(...Object.values(keys));
  }
}

function stateOf({ change, damaged, records }: KeysFileContents): Rescued['second'] {
  const isCut = [...records.values()].some((kept) => kept.change > change);
  return { change, isWhole: damaged === 0 && change >= 0 && !isCut };
}

/** Forgets a damaged vault that was put together. */
export function endRescued({ root, files }: Rescued): void {
  root.wipe();
  files.database?.close();
}

/** A protector that was taken away opens nothing, though an old copy of it was put back. */
function isKnown({ rows }: SalvagedRecords, id: string, files: DamagedFiles): boolean {
  const known = rows.find((row) => row.room === 'protectors' && row.id === id);
  if (known === undefined) return false;
  const { digest } = JSON.parse(known.body.toString()) as { digest?: unknown };
  return files.hasRecord(id, String(digest));
}

/** Services over a copy in memory of all that holds: whatever they write there is gone with it. */
export function rescueServices(
  { root, identity, survey, files }: Rescued,
  clock: Clock,
  home: string,
): Services {
  const store = Store.inMemory(databasePath(home));
  const services = wireServices({ store, keysFile: undefined }, root, identity, clock);
  store.write((tx) => fillFrom(tx, services, { identity, survey, files }));
  return services;
}

/** Fills a new database with the records of `survey` and what can be read of the tables that are under none of them. */
function fillFrom(
  tx: Tx,
  { records, audit }: Services,
  { identity, survey, files }: Pick<Rescued, 'identity' | 'survey' | 'files'>,
): void {
  records.adopt(tx, survey.rows);
  insertIdentity(tx, identity);
  insertProtectors(tx, survey.rows, files);
  const { database } = files;
  if (database === undefined) audit.create(tx);
  else
    database.read((from) => {
      if (!takeOverLog(from, tx, records)) audit.create(tx);
      copyCatalog(from, tx);
    });
}

/** Puts in the protectors of the damaged files whose records are the ones that the rows speak of. */
export function insertProtectors(
  tx: Tx,
  rows: readonly Pick<RecordRow, 'room' | 'id' | 'body'>[],
  { protectors }: Pick<DamagedFiles, 'protectors'>,
): void {
  const digests = new Map(
    rows.flatMap(({ room, id, body }) =>
      room === 'protectors' ? [[id, (JSON.parse(body.toString()) as { digest?: string }).digest]] : [],
    ),
  );
  for (const { id, kind, record } of protectors) {
    if (digests.get(id) !== sha256(record).toString('hex')) continue;
    digests.delete(id);
    tx.run('INSERT INTO protectors (id, kind, record) VALUES (?, ?, ?)', id, kind, record);
  }
}

/** Copies the rows of the catalog that can be read; which of them hold shows whoever reads them. */
export function copyCatalog(from: ReadTx, tx: Tx): void {
  const rows = readableRows(from, {
    table: 'catalog',
    columns: { message_id: 'blob', sealed: 'blob' },
    key: ['message_id'],
  });
  for (const { message_id, sealed } of rows)
    tx.run('INSERT INTO catalog (message_id, sealed) VALUES (?, ?)', message_id, sealed);
}

/** How many rows are named singly. */
const MAX_TOLD = 100;

/** What is told of a vault that is open for rescue: why, and row by row what does not hold and what that means. */
export function rescueFindings(cause: KeywardError, broken: readonly BrokenRow[]): Finding[] {
  const told = broken.slice(0, MAX_TOLD).map(
    ({ row, verdict }): Finding => ({
      kind: 'RowDamaged',
      ...meaningOf({ row, verdict }),
      row: { name: row, verdict },
    }),
  );
  const rest = broken.length - told.length;
  return [
    {
      kind: 'Rescue',
      ...say('open-for-rescue', { error: cause.toBody() }),
    },
    ...told,
    ...(rest === 0 ? [] : [{ kind: 'RowDamaged' as const, ...say('more-rows', { rest }) }]),
  ];
}

/** The refusal of all that a vault that is open for rescue does not do. */
export function refusedInRescue(cause: KeywardError): KeywardError {
  return fail('open-for-rescue-only', {}, { ...cause.details, rescue: true }, cause);
}
