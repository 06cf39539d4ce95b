import type { Clock } from '../../shared/clock.ts';
import type { Json } from '../../shared/errors.ts';
import type { RepairStep } from '../../shared/repair-contract.ts';
import { ownEvent } from '../audit/event.ts';
import { type TakenOver, takeOverChain } from '../audit/take-over.ts';
import type { BackupDocument } from '../backup/document.ts';
import { wipe } from '../crypto/bytes.ts';
import { keyArn } from '../kms/arn.ts';
import type { Decision } from '../repair/decide.ts';
import type { ReadTx, Tx } from '../store/database.ts';
import { insertIdentity } from '../store/identity.ts';
import { readableRows } from '../store/rescue/readable-rows.ts';
import { copyCatalog, insertProtectors, type Rescued } from './rescue.ts';
import { callerOf, type Services } from './services.ts';

/** What a repaired database is filled from. `backup`: the one that rows were compared with. */
export type RepairParts = {
  readonly rescued: Rescued;
  readonly decision: Decision;
  readonly backup: { readonly path: string; readonly document: BackupDocument } | undefined;
  readonly damage: string;
};

/** What the new database has of the log and of the catalog. `log` undefined: the log begins anew. */
export type Filled = { readonly log: TakenOver | undefined; readonly files: number };

/** Rooms of the log's own rows, which go where it begins anew. */
const OF_THE_LOG: readonly string[] = ['audit', 'audit-epochs'];

/** How many rows one entry of the log names. */
const ROWS_OF_ENTRY = 100;

/**
 * Fills a new database with what was decided on: rows, ways to unlock, catalog, jobs, and the log as far as its chain
 * holds, with entries on all that was done.
 */
export function fillRepaired(tx: Tx, services: Services, parts: RepairParts, clock: Clock): Filled {
  const { rescued, decision, backup } = parts;
  const { records, audit, files } = services;
  records.adopt(tx, decision.rows);
  insertIdentity(tx, rescued.identity);
  insertProtectors(tx, decision.rows, rescued.files);
  const { database } = rescued.files;
  const log = database?.read((from) => takenOver(from, tx, services, rescued));
  if (log === undefined) {
    for (const { room, id } of decision.rows) if (OF_THE_LOG.includes(room)) records.remove(tx, room, id);
    audit.create(tx);
  }
  if (database !== undefined) {
    database.read((from) => copyTables(from, tx));
    // Of a table whose sum is lost nobody knows whether its rows are old ones.
    const sums = new Set(decision.rows.filter(({ room }) => room === 'sets').map(({ id }) => id));
    if (!sums.has('jobs')) services.jobRows.accept(tx, clock.now());
    if (!sums.has('catalog')) files.accept(tx, clock.now());
  } else
    for (const [id, entry] of backup?.document.catalog ?? [])
      files.putPacked(tx, Buffer.from(id, 'hex'), entry as Json);
  tellRepair(tx, services, { ...parts, log }, clock);
  return { log, files: files.count(tx) };
}

function takenOver(from: ReadTx, tx: Tx, { records }: Services, { root }: Rescued): TakenOver | undefined {
  const keys = {
    mac: root.purposeKey('audit-mac'),
    names: root.purposeKey('audit-names'),
    index: root.purposeKey('audit-index'),
  };
  try {
    return takeOverChain(from, tx, { records, vaultId: root.vaultId, keys });
  } finally {
    wipe(...Object.values(keys));
  }
}

function copyTables(from: ReadTx, tx: Tx): void {
  copyCatalog(from, tx);
  const jobs = readableRows(from, {
    table: 'jobs',
    columns: { job: 'blob', part: 'integer', mark: 'blob', sealed: 'blob' },
    key: ['job', 'part'],
  });
  for (const { job, part, mark, sealed } of jobs)
    tx.run('INSERT INTO jobs (job, part, mark, sealed) VALUES (?, ?, ?, ?)', job, part, mark, sealed);
}

function tellRepair(
  tx: Tx,
  { audit }: Services,
  { rescued, decision, backup, damage, log }: RepairParts & Pick<Filled, 'log'>,
  clock: Clock,
): void {
  const { identity } = rescued;
  const { principal } = callerOf(identity, 'cli');
  audit.append(tx, {
    ...ownEvent(principal, 'RepairVault', {
      damage,
      at: new Date(clock.now()).toISOString(),
      rows: decision.steps.length,
      // What is missing of the log stands here, in an entry that the next seal signs.
      log: log === undefined ? { begun: true } : { ...log, lost: log.known - log.entries },
      ...(backup === undefined
        ? {}
        : { backup: backup.document.sequence, device: backup.document.device.id }),
    }),
    ...(backup === undefined ? {} : { file: { path: backup.path } }),
  });
  for (let at = 0; at < decision.steps.length; at += ROWS_OF_ENTRY) {
    const steps = decision.steps.slice(at, at + ROWS_OF_ENTRY);
    audit.append(tx, {
      ...ownEvent(principal, 'RepairRows', { rows: steps.map(({ row, action }) => ({ row, action })) }),
      keyArns: [...new Set(steps.flatMap((step) => keysOf(step)))].map((id) => keyArn(identity, id)),
    });
  }
}

const OF_A_KEY = /^(?:keys|key-versions|key-policies|grants|shredded-keys)\/([0-9a-f-]{36})/;

function keysOf({ row }: RepairStep): string[] {
  const id = OF_A_KEY.exec(row)?.[1];
  return id === undefined ? [] : [id];
}
