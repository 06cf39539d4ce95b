import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditLog } from '../../../src/main/audit/log.ts';
import type { AuditQuery } from '../../../src/main/audit/search.ts';
import type { Store } from '../../../src/main/store/database.ts';
import { freshStore, reopen, tamper, testClock } from '../store/support.ts';
import { editEntry, event, forgetIndex, openLog } from './support.ts';

const BLOCK = 256;
const arn = (n: number) => `arn:aws:kms:local:000000000000:key/${n}`;
const user = (name: string) => `arn:aws:iam::000000000000:user/${name}`;
const messageId = (n: number) => n.toString(16).padStart(64, '0');

/** One entry as a test knows it, beside what the log makes of it. */
type Line = {
  readonly eventName: string;
  readonly keys: readonly number[];
  readonly principal: string;
  readonly refused: boolean;
  readonly file: number | undefined;
  readonly rewrap: boolean;
  /** Milliseconds after the entry before; the clock may go back. */
  readonly later: number;
};

const EVENTS = ['Decrypt', 'GenerateDataKey', 'DescribeKey', 'ListKeys', 'PutKeyPolicy'];
const PRINCIPALS = ['owner', 'cli', 'app'];

const line: fc.Arbitrary<Line> = fc.record({
  eventName: fc.constantFrom(...EVENTS),
  keys: fc.uniqueArray(fc.nat(4), { maxLength: 2 }),
  principal: fc.constantFrom(...PRINCIPALS),
  refused: fc.boolean(),
  file: fc.option(fc.nat(40), { nil: undefined }),
  rewrap: fc.boolean(),
  later: fc.integer({ min: -5_000, max: 60_000 }),
});

const filter: fc.Arbitrary<AuditQuery> = fc
  .record(
    {
      keyArn: fc.nat(5).map(arn),
      principal: fc.constantFrom(...PRINCIPALS, 'nobody').map(user),
      eventName: fc.constantFrom(...EVENTS, 'Sign'),
      outcome: fc.constantFrom('success', 'failure', 'AccessDeniedException', 'DisabledException'),
      messageId: fc.nat(45).map(messageId),
      path: fc.nat(45).map((n) => `/files/${n}`),
      lookups: fc.boolean(),
      since: fc.nat(40_000_000).map((ms) => Date.UTC(2025, 0, 1) + ms),
      until: fc.nat(40_000_000).map((ms) => Date.UTC(2025, 0, 1) + ms),
    },
    { requiredKeys: [] },
  )
  .map(({ messageId: id, path, ...rest }) => ({
    ...rest,
    ...(id === undefined && path === undefined
      ? {}
      : {
          file: { ...(id === undefined ? {} : { messageId: id }), ...(path === undefined ? {} : { path }) },
        }),
  }));

/** A log of these lines, several to a transaction, and how each fits a filter by a plain look at it. */
function logOf(lines: readonly Line[]): {
  store: Store;
  log: AuditLog;
  fitting: (query: AuditQuery) => number[];
} {
  const store = freshStore();
  const clock = testClock();
  const log = openLog(store, clock, 'create');
  const times: number[] = [];
  for (let at = 0; at < lines.length; at += 17) {
    store.write((tx) => {
      for (const one of lines.slice(at, at + 17)) {
        clock.advance(one.later);
        times.push(clock.now());
        const id = one.file === undefined ? undefined : messageId(one.file);
        log.append(
          tx,
          event(one.eventName, {
            keyArns: one.keys.map(arn),
            principal: user(one.principal),
            requestParameters: {
              ...(id !== undefined && one.rewrap ? { messageId: id } : {}),
              ...(id !== undefined && !one.rewrap
                ? { encryptionContext: { 'keyward:message-id': id, other: 'pair' } }
                : {}),
            },
            ...(one.file === undefined ? {} : { file: { path: `/files/${one.file}` } }),
            ...(one.refused ? { errorCode: 'AccessDeniedException', errorMessage: 'no' } : {}),
          }),
        );
      }
    });
  }
  const fitting = (query: AuditQuery) =>
    lines
      .map((one, n) => ({ one, seq: n + 1, at: times[n] ?? 0 }))
      .filter(({ one, at }) => {
        const file = query.file === undefined || isFile(one.file, query.file);
        const looked = !one.refused && ['DescribeKey', 'ListKeys'].includes(one.eventName);
        return (
          file &&
          (query.keyArn === undefined || one.keys.map(arn).includes(query.keyArn)) &&
          (query.principal === undefined || user(one.principal) === query.principal) &&
          (query.eventName === undefined || one.eventName === query.eventName) &&
          (query.outcome === undefined ||
            query.outcome === (one.refused ? 'failure' : 'success') ||
            (one.refused && query.outcome === 'AccessDeniedException')) &&
          (query.lookups !== false || !looked) &&
          (query.since === undefined || at >= query.since) &&
          (query.until === undefined || at < query.until)
        );
      })
      .map(({ seq }) => seq)
      .reverse();
  return { store, log, fitting };
}

function isFile(file: number | undefined, wanted: NonNullable<AuditQuery['file']>): boolean {
  return file !== undefined && (messageId(file) === wanted.messageId || `/files/${file}` === wanted.path);
}

/** All pages of a search one after the other. */
function paged(log: AuditLog, query: AuditQuery, limit: number): number[] {
  const found: number[] = [];
  let before: number | undefined;
  do {
    const page = log.search({ ...query, limit, ...(before === undefined ? {} : { before }) });
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    expect(page.mismatched).toEqual([]);
    found.push(...page.entries.map(({ seq }) => seq));
    before = page.next;
  } while (before !== undefined);
  return found;
}

describe('a search of the log', () => {
  // Whole blocks, and entries behind the last of them. Shrinking such a log would take longer than reading it.
  it('finds what a look at every entry finds, in pages of any size, however much of it is in the index', () => {
    const seed = Number(process.env['KEYWARD_TEST_SEED'] ?? Date.now() % 1e9);
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 520, maxLength: 900, size: 'max' }),
        fc.array(filter, { minLength: 6, maxLength: 12 }),
        fc.integer({ min: 1, max: 120 }),
        fc.boolean(),
        (lines, filters, limit, isOld) => {
          const { store, log, fitting } = logOf(lines);
          if (isOld) forgetIndex(store);
          const read = isOld ? openLog(reopen(store.path), testClock(), 'existing') : log;
          for (const query of filters) expect(paged(read, query, limit)).toEqual(fitting(query));
          // As an older vault is taken up, a slice at a time.
          for (let more = isOld; more; ) {
            more = read.indexMore();
            for (const query of filters.slice(0, 3))
              expect(paged(read, query, limit)).toEqual(fitting(query));
          }
          store.close();
        },
      ),
      { numRuns: Number(process.env['KEYWARD_TEST_RUNS'] ?? 4), seed, endOnFailure: true },
    );
  }, 120_000);

  it('looks into the blocks at both ends of a time, entry by entry', () => {
    const { log, fitting } = logOf(many(600));
    const begin = Date.UTC(2025, 0, 1);
    // Around the start of the second block, of the entries behind the last one, and of the log.
    for (const seconds of [0, 240, 500].flatMap((from) =>
      Array.from({ length: 15 }, (_, n) => from + 2 * n),
    )) {
      const query = { since: begin + seconds * 1_000, until: begin + (seconds + 9) * 1_000 };
      expect(paged(log, query, 20)).toEqual(fitting(query));
    }
  });

  it('goes on right below its cursor while entries are added', () => {
    const { store, log, fitting } = logOf(many(600));
    const query = { eventName: 'Decrypt' };
    const first = log.search({ ...query, limit: 10 });
    store.write((tx) => {
      for (let n = 0; n < 300; n++) log.append(tx, event('Decrypt'));
    });
    const second = log.search({ ...query, limit: 1_000, before: first.next ?? 0 });
    expect([...first.entries, ...second.entries].map(({ seq }) => seq)).toEqual(fitting(query));
  });

  it('reads no more for a page than it may, and gives a cursor to go on', () => {
    const { store } = logOf(many(3_000));
    forgetIndex(store);
    const again = openLog(reopen(store.path), testClock(), 'existing');
    const page = again.search({ eventName: 'Nothing' });
    expect(page).toMatchObject({ entries: [], next: expect.any(Number) });
    expect(again.list({ eventName: 'Decrypt', limit: 1 })).toHaveLength(1);
    expect(again.list({ eventName: 'Nothing' })).toEqual([]);
  });

  it('says how many entries an older vault still has outside the index, and takes up where it was left', async () => {
    const { store } = logOf(many(2_600));
    forgetIndex(store);
    store.close();
    const first = openLog(reopen(store.path), testClock(), 'existing');
    expect(first.search().unindexed).toBe(BLOCK * 10);
    expect(first.indexMore()).toBe(true);
    const { unindexed } = first.search();
    // Nothing is missed where the index ends.
    expect(first.list({ since: 0, limit: 3_000 })).toHaveLength(2_600);
    expect(unindexed).toBe(BLOCK * 6);
    const second = openLog(reopen(store.path), testClock(), 'existing');
    expect(second.search().unindexed).toBe(unindexed);
    expect(await second.verify()).toMatchObject({ ok: true, unindexed });
    expect([second.indexMore(), second.indexMore()]).toEqual([true, false]);
    expect(second.search().unindexed).toBe(0);
    expect(await second.verify()).toMatchObject({ ok: true, unindexed: 0 });
  });

  it('enters nothing into its index while the disk has no room to spare, and catches up', async () => {
    const reserve = { isShort: true, release: () => false };
    const store = freshStore(undefined, reserve);
    const log = openLog(store, testClock(), 'create');
    const append = (count: number) =>
      store.write((tx) => {
        for (let n = 0; n < count; n++) log.append(tx, event('Decrypt'));
      });
    const blocks = () =>
      store.read((tx) => tx.get<{ n: number }>('SELECT count(*) AS n FROM audit_blocks')?.n);
    append(600);
    expect(blocks()).toBe(0);
    expect(log.list({ eventName: 'Decrypt', limit: 1_000 })).toHaveLength(600);
    reserve.isShort = false;
    append(1);
    expect(blocks()).toBe(2);
    expect(await log.verify()).toMatchObject({ ok: true, entries: 601 });
  });

  it('stands under no name: neither keys nor principals nor paths are in the index', () => {
    const { store } = logOf(many(300));
    const db = new Database(store.path);
    const dump = JSON.stringify(db.prepare('SELECT * FROM audit_terms').all());
    db.close();
    expect(dump.length).toBeGreaterThan(100);
    for (const text of ['Decrypt', 'owner', '/files', 'key/1']) expect(dump).not.toContain(text);
  });
});

describe('an index that was changed from outside', () => {
  const edits: [string, string, RegExp][] = [
    ['a row removed', 'DELETE FROM audit_terms WHERE rowid IN (1)', /removed/],
    ['a block removed', 'DELETE FROM audit_blocks WHERE block = 1', /removed/],
    ['all rows of a block removed', 'DELETE FROM audit_terms WHERE block = 1', /removed/],
    ['a row put in', "INSERT INTO audit_terms VALUES (1, 7, x'03')", /put in/],
    ['a row changed', "UPDATE audit_terms SET entries = x'ff' WHERE block = 1", /changed/],
    ['a time changed', 'UPDATE audit_blocks SET last = last - 1 WHERE block = 1', /changed/],
    ['a block put in', 'INSERT INTO audit_blocks VALUES (99, 0, 0)', /put in/],
    ['rows of no block put in', "INSERT INTO audit_terms VALUES (-1, 7, x'03')", /put in/],
  ];
  it.each(edits)('%s: verify finds it, and says that the entries hold', async (_, sql, why) => {
    const { store } = logOf(many(600));
    store.close();
    const one = sql.replace(
      'rowid IN (1)',
      'block = 1 AND term = (SELECT term FROM audit_terms WHERE block = 1 ORDER BY length(entries) LIMIT 1)',
    );
    tamper(store.path, one);
    const verdict = await openLog(reopen(store.path), testClock(), 'existing').verify();
    expect(verdict).toMatchObject({ ok: false, part: 'index', why: expect.stringMatching(why) });
  });

  it('leads to no entry that does not fit, and the search says so', () => {
    const { store, log } = logOf(many(600));
    const all = log.list({ eventName: 'PutKeyPolicy', limit: 1_000 }).map(({ seq }) => seq);
    // Every row of a block now claims every entry of it.
    tamper(store.path, 'UPDATE audit_terms SET entries = ? WHERE block = 1', Buffer.alloc(32, 0xff));
    const page = log.search({ eventName: 'PutKeyPolicy', limit: 1_000 });
    expect(page.entries.map(({ seq }) => seq)).toEqual(all);
    expect(page.mismatched.length).toBeGreaterThan(10);
    expect(page.mismatched.every((seq) => seq > BLOCK && seq <= 2 * BLOCK)).toBe(true);
  });

  it('shows an entry that was changed behind the index as one that does not hold', () => {
    const { store, log } = logOf(many(600));
    const [seq = 0] = log.list({ eventName: 'PutKeyPolicy', before: 300 }).map((entry) => entry.seq);
    editEntry(store.path, seq, 'PutKeyPolicy', 'ListKeys');
    const [found] = log.search({ eventName: 'PutKeyPolicy', before: seq + 1, limit: 1 }).entries;
    expect(found).toMatchObject({ seq, eventName: 'ListKeys', intact: false });
    tamper(store.path, 'UPDATE audit SET body = ? WHERE seq = ?', Buffer.from('{'), seq);
    expect(log.search({ eventName: 'PutKeyPolicy', before: seq + 1, limit: 1 }).entries).toMatchObject([
      { seq, eventName: 'UnreadableEntry', intact: false },
    ]);
    tamper(store.path, 'DELETE FROM audit WHERE seq = ?', seq);
    expect(log.search({ eventName: 'PutKeyPolicy', before: seq + 1, limit: 1 }).mismatched).toEqual([seq]);
  });
});

/** Lines that repeat, enough of them for whole blocks. */
function many(count: number): Line[] {
  return Array.from({ length: count }, (_, n) => ({
    eventName: EVENTS[n % EVENTS.length] ?? '',
    keys: [n % 4],
    principal: PRINCIPALS[n % 3] ?? '',
    refused: n % 11 === 0,
    file: n % 2 === 0 ? n % 41 : undefined,
    rewrap: n % 4 === 0,
    later: 1_000,
  }));
}
