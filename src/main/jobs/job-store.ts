import { z } from 'zod';
import type { Json } from '../../shared/errors.ts';
import { type FileResult, fileResult } from '../../shared/file-result.ts';
import { type JobFacts, jobFacts } from '../../shared/job-contract.ts';
import type { JobParameters } from '../../shared/job-kind.ts';
import { SEAL_BYTES, seal, unseal } from '../crypto/aead.ts';
import { equalBytes } from '../crypto/bytes.ts';
import type { ReadTx, Store, Tx } from '../store/database.ts';
import { MultisetHash, type SetRow } from '../store/multiset-hash.ts';
import type { Records } from '../store/records.ts';

/** Keys: 32 bytes each, derived from the root key; they stay the caller's to wipe. */
type JobStoreOptions = {
  readonly records: Records;
  /** Seals the rows. */
  readonly key: Buffer;
  /** Makes the set of all rows. */
  readonly setKey: Buffer;
};

type Row = { job: Buffer; part: number; mark: Buffer; sealed: Buffer };

/** The parts of a job: its head, what it was begun with while it is not over, its items. */
const HEAD = 0;
const PARAMETERS = 1;
const FIRST_PAGE = 2;
const PART_BYTES = 8;

const INFO = 'keyward/1/job';

/** Lengths tell little when they are multiples of this. */
const BLOCK = 512;
const SALT = 32;

/** A job as it is kept: `touched` is when that was written, in ISO 8601; `pages` how many pages of items it has. */
const head = z.object({ facts: jobFacts, touched: z.string(), pages: z.number().int().nonnegative() });
const items = z.array(fileResult);

/** A head that was read. */
type StoredJob = z.output<typeof head>;

/**
 * The rows of jobs, sealed because they hold names: AES-256-GCM under the jobs' key, with the job's id and the part as
 * additional data. All rows are a set of their own, outside of what an unlock needs to hold: they say what was done,
 * and what waits to go on does so only while the set holds. Of a row its salt and tag are in the set, which nobody without the key can
 * make for other contents.
 */
export class JobStore {
  readonly #key: Buffer;
  readonly #set: MultisetHash;

  /** Nothing is read yet. */
  constructor({ records, key, setKey }: JobStoreOptions) {
    this.#key = key;
    this.#set = new MultisetHash({ records, name: 'jobs', key: setKey, page });
  }

  /** Writes the head of a job, and when. */
  putHead(tx: Tx, facts: JobFacts, pages: number, touched: string): void {
    this.#put(tx, facts.id, HEAD, this.#sealed(facts.id, HEAD, { facts, pages, touched }));
  }

  /** Writes what a job was begun with; `undefined` forgets it. */
  putParameters(tx: Tx, id: string, parameters: JobParameters | undefined): void {
    if (parameters === undefined) this.#remove(tx, rowOf(tx, id, PARAMETERS));
    else this.#put(tx, id, PARAMETERS, this.#sealed(id, PARAMETERS, parameters));
  }

  /** What a job was begun with, while that is kept and as it was written. */
  parameters(tx: ReadTx, id: string): { readonly [name: string]: Json } | undefined {
    const row = rowOf(tx, id, PARAMETERS);
    if (row === undefined || !isMarked(row)) return undefined;
    return this.#open(id, PARAMETERS, row.sealed) as { readonly [name: string]: Json } | undefined;
  }

  /** Writes a page that `sealPage` gave. */
  putPage(tx: Tx, id: string, page: number, sealed: Buffer): void {
    this.#put(tx, id, FIRST_PAGE + page, sealed);
  }

  /** Seals a page of items. */
  sealPage(id: string, page: number, results: readonly FileResult[]): Buffer {
    return this.#sealed(id, FIRST_PAGE + page, results);
  }

  /** Opens what `sealPage` gave; `undefined` if it is anything else. */
  openPage(id: string, page: number, sealed: Buffer): FileResult[] | undefined {
    return items.safeParse(this.#open(id, FIRST_PAGE + page, sealed)).data;
  }

  /** The items of a page; `undefined` if they are not there as they were written. */
  page(tx: ReadTx, id: string, page: number): FileResult[] | undefined {
    const row = rowOf(tx, id, FIRST_PAGE + page);
    return row === undefined || !isMarked(row) ? undefined : this.openPage(id, page, row.sealed);
  }

  /** All heads that are as they were written; `refused` are the ids of those that are not. */
  heads(tx: ReadTx): { readonly jobs: StoredJob[]; readonly refused: string[] } {
    const jobs: StoredJob[] = [];
    const refused: string[] = [];
    for (const row of tx.each<Row>('SELECT job, part, mark, sealed FROM jobs WHERE part = ?', HEAD)) {
      const id = nameOf(row.job);
      const stored = isMarked(row) ? head.safeParse(this.#open(id, HEAD, row.sealed)).data : undefined;
      if (stored?.facts.id === id) jobs.push(stored);
      else refused.push(id);
    }
    return { jobs, refused };
  }

  /** Forgets a job. */
  remove(tx: Tx, id: string): void {
    const sql = 'SELECT job, part, mark, sealed FROM jobs WHERE job = ? AND part = ?';
    const parts = tx.all<{ part: number }>('SELECT part FROM jobs WHERE job = ?', bytesOf(id));
    for (const { part } of parts) this.#remove(tx, tx.get<Row>(sql, bytesOf(id), part));
  }

  /**
   * Walks all rows; false if one was edited, removed, added or put back from outside. `undefined` if `signal` was
   * aborted before the end.
   */
  async verify(store: Store, signal?: AbortSignal): Promise<boolean | undefined> {
    const holds = await this.#set.verify(store, signal);
    if (holds !== true) return holds;
    return store.read((tx) => this.heads(tx).refused.length === 0);
  }

  /**
   * Forgets jobs whose heads are not ours, and takes the other rows as they stand. What a lock held up goes on no more: it
   * may have been done long ago, and its rows put back. `at`: ms since 1970.
   */
  accept(tx: Tx, at: number): void {
    for (const id of this.heads(tx).refused) tx.run('DELETE FROM jobs WHERE job = ?', bytesOf(id));
    for (const { id, sealed } of this.#interrupted(tx, at)) {
      tx.run(
        'UPDATE jobs SET mark = ?, sealed = ? WHERE job = ? AND part = ?',
        ...[markOf(sealed), sealed, bytesOf(id), HEAD],
      );
      tx.run('DELETE FROM jobs WHERE job = ? AND part = ?', bytesOf(id), PARAMETERS);
    }
    tx.run('DELETE FROM jobs WHERE job NOT IN (SELECT job FROM jobs WHERE part = ?)', HEAD);
    this.#set.accept(tx, at);
  }

  /** Has what a lock held up go on no more, in a vault that was put back: it may have been done since. `at`: ms since 1970. */
  interrupt(tx: Tx, at: number): void {
    for (const { id, sealed } of this.#interrupted(tx, at)) {
      this.#put(tx, id, HEAD, sealed);
      this.putParameters(tx, id, undefined);
    }
  }

  /** The heads that held-up jobs get when they go on no more. */
  #interrupted(tx: ReadTx, at: number): { readonly id: string; readonly sealed: Buffer }[] {
    const touched = new Date(at).toISOString();
    const held = this.heads(tx).jobs.filter(
      ({ facts: { state, reason } }) => state === 'waiting' && reason === 'locked',
    );
    return held.map(({ facts, pages }) => {
      const ended = { ...facts, state: 'failed', reason: 'interrupted', endedAt: touched } as const;
      return { id: facts.id, sealed: this.#sealed(facts.id, HEAD, { facts: ended, pages, touched }) };
    });
  }

  /** Seals anew what another root key had sealed; what did not open is forgotten. */
  follow(tx: Tx, before: JobStore): void {
    for (const row of tx.all<Row>('SELECT job, part, mark, sealed FROM jobs')) {
      const bytes = isMarked(row) ? unseal(before.#key, INFO, idOf(row), row.sealed) : undefined;
      if (bytes === undefined) {
        tx.run('DELETE FROM jobs WHERE job = ? AND part = ?', row.job, row.part);
        continue;
      }
      const sealed = seal(this.#key, INFO, idOf(row), bytes);
      tx.run(
        'UPDATE jobs SET mark = ?, sealed = ? WHERE job = ? AND part = ?',
        ...[markOf(sealed), sealed, row.job, row.part],
      );
    }
    this.#set.beginAnew(tx, this.#set.brokenAt(tx));
  }

  #put(tx: Tx, id: string, part: number, sealed: Buffer): void {
    const before = rowOf(tx, id, part);
    const row = { job: bytesOf(id), part, mark: markOf(sealed), sealed };
    tx.run(
      'INSERT INTO jobs (job, part, mark, sealed) VALUES (?, ?, ?, ?) ' +
        'ON CONFLICT (job, part) DO UPDATE SET mark = excluded.mark, sealed = excluded.sealed',
      ...[row.job, part, row.mark, sealed],
    );
    this.#set.put(tx, elementOf(row), before && elementOf(before));
  }

  #remove(tx: Tx, row: Row | undefined): void {
    if (row === undefined) return;
    tx.run('DELETE FROM jobs WHERE job = ? AND part = ?', row.job, row.part);
    this.#set.remove(tx, elementOf(row));
  }

  #sealed(id: string, part: number, content: unknown): Buffer {
    const bytes = Buffer.from(JSON.stringify(content));
    // Spaces after a JSON document are part of its grammar, so the padding needs no length.
    const padded = Buffer.alloc(Math.ceil(bytes.length / BLOCK) * BLOCK, ' ');
    bytes.copy(padded);
    return seal(this.#key, INFO, idOf({ job: bytesOf(id), part }), padded);
  }

  #open(id: string, part: number, sealed: Buffer): unknown {
    const bytes = unseal(this.#key, INFO, idOf({ job: bytesOf(id), part }), sealed);
    return bytes === undefined ? undefined : JSON.parse(bytes.toString());
  }
}

function rowOf(tx: ReadTx, id: string, part: number): Row | undefined {
  return tx.get<Row>(
    'SELECT job, part, mark, sealed FROM jobs WHERE job = ? AND part = ?',
    bytesOf(id),
    part,
  );
}

function page(tx: ReadTx, after: Buffer | undefined, limit: number): SetRow[] {
  const sql = 'SELECT job, part, mark FROM jobs WHERE (job, part) > (?, ?) ORDER BY job, part LIMIT ?';
  const job = after?.subarray(0, -PART_BYTES) ?? Buffer.alloc(0);
  const part = after === undefined ? -1 : Number(after.readBigInt64BE(job.length));
  return tx.all<Omit<Row, 'sealed'>>(sql, job, part, limit).map(elementOf);
}

function elementOf(row: Omit<Row, 'sealed'>): SetRow {
  return { id: idOf(row), bytes: row.mark };
}

function idOf({ job, part }: Pick<Row, 'job' | 'part'>): Buffer {
  const bytes = Buffer.alloc(job.length + PART_BYTES);
  job.copy(bytes);
  // A row from outside may have any number.
  bytes.writeBigInt64BE(BigInt.asIntN(64, BigInt(part)), job.length);
  return bytes;
}

/** The salt and the tag of what was sealed. */
function markOf(sealed: Buffer): Buffer {
  return Buffer.concat([sealed.subarray(0, SALT), sealed.subarray(SALT - SEAL_BYTES)]);
}

function isMarked({ mark, sealed }: Row): boolean {
  return equalBytes(mark, markOf(sealed));
}

function bytesOf(id: string): Buffer {
  return Buffer.from(id.slice(2), 'hex');
}

function nameOf(job: Buffer): string {
  return `j-${job.toString('hex')}`;
}
