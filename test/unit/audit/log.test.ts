import { copyFileSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { newestEntry } from '../../../src/main/api/maintenance.ts';
import type { AuditLog } from '../../../src/main/audit/log.ts';
import type { Store } from '../../../src/main/store/database.ts';
import { KeywardError } from '../../../src/shared/errors.ts';
import { freshStore, reopen, tamper, testClock } from '../store/support.ts';
import { editEntry, event, openLog } from './support.ts';

function filled(entries = 8): { store: Store; log: AuditLog } {
  const store = freshStore();
  const log = openLog(store, testClock(), 'create');
  store.write((tx) => {
    for (let i = 1; i <= entries; i++) log.append(tx, event(`Event${i}`));
  });
  return { store, log };
}

/** What a fresh unlock finds. */
async function verdict(path: string) {
  const store = reopen(path);
  try {
    return await openLog(store, testClock(), 'existing').verify();
  } finally {
    store.close();
  }
}

describe('audit log', () => {
  it('numbers, dates and chains entries, and shows them newest first with their path', async () => {
    const store = freshStore();
    const clock = testClock();
    const log = openLog(store, clock, 'create');
    expect(await log.verify()).toMatchObject({ ok: true, entries: 0, segments: 1 });
    store.write((tx) => log.append(tx, event('Decrypt', { file: { path: '/home/m/canary-Befund.pdf' } })));
    clock.advance(60_000);
    store.write((tx) =>
      log.append(tx, event('CreateKey', { readOnly: false, errorCode: 'DisabledException', keyArns: [] })),
    );
    const [second, first] = log.list();
    expect(first).toMatchObject({
      seq: 1,
      eventName: 'Decrypt',
      file: '/home/m/canary-Befund.pdf',
      intact: true,
    });
    expect(first?.eventTime).toBe('2025-01-01T00:00:00.000Z');
    expect(first?.eventID).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).toMatchObject({
      seq: 2,
      errorCode: 'DisabledException',
      awsRegion: 'local',
      intact: true,
    });
    expect(log.list({ limit: 1 })).toHaveLength(1);
    expect(log.list({ before: 2 })).toEqual([first]);
    expect(log.list({ eventName: 'CreateKey' })).toEqual([second]);
    expect(log.list({ keyArn: 'arn:aws:kms:local:000000000000:key/a' })).toEqual([first]);
    expect(log.list({ since: clock.now() })).toEqual([second]);
    expect(await log.verify()).toMatchObject({ ok: true, entries: 2, head: log.head() });
    store.close();
    expect(readFileSync(store.path).includes('canary')).toBe(false);
  });

  it('goes on where it ended after a new unlock', async () => {
    const { store } = filled();
    store.close();
    const again = reopen(store.path);
    const log = openLog(again, testClock(), 'existing');
    expect(again.write((tx) => log.append(tx, event('UnlockVault'))).seq).toBe(9);
    expect(await log.verify()).toMatchObject({ ok: true, entries: 9 });
  });

  it('follows rollbacks of members of a group and of whole transactions', async () => {
    const { store, log } = filled(1);
    const results = await Promise.allSettled([
      store.group((tx) => log.append(tx, event('A')).seq),
      store.group((tx) => {
        log.append(tx, event('B'));
        throw new KeywardError('DisabledException', 'off');
      }),
      store.group((tx) => log.append(tx, event('C')).seq),
    ]);
    expect(results.map((r) => (r.status === 'fulfilled' ? r.value : r.reason.code))).toEqual([
      2,
      'DisabledException',
      3,
    ]);
    expect(() =>
      store.write((tx) => {
        log.append(tx, event('D'));
        throw new Error('stop');
      }),
    ).toThrow('stop');
    store.write((tx) => log.append(tx, event('E')));
    expect(log.list().map((e) => e.eventName)).toEqual(['E', 'C', 'A', 'Event1']);
    store.close();
    expect(await verdict(store.path)).toMatchObject({ ok: true, entries: 4 });
  });
});

describe('what verify detects, naming the first broken entry', () => {
  it('an untouched log holds', async () => {
    const { store } = filled();
    store.close();
    expect(await verdict(store.path)).toMatchObject({ ok: true, entries: 8, segments: 1 });
  });

  const edits: [string, string, number][] = [
    [
      'a body edited by one bit',
      "UPDATE audit SET body = CAST(replace(body, 'Event5', 'Event6') AS BLOB) WHERE seq = 5",
      5,
    ],
    ['a hash edited', 'UPDATE audit SET hash = zeroblob(32) WHERE seq = 4', 4],
    ['a MAC edited', 'UPDATE audit SET mac = zeroblob(32) WHERE seq = 7', 7],
    ['a number edited', 'UPDATE audit SET seq = 100 WHERE seq = 3', 3],
    ['an entry removed', 'DELETE FROM audit WHERE seq = 3', 3],
    ['the first entry removed', 'DELETE FROM audit WHERE seq = 1', 1],
    ['the tail cut', 'DELETE FROM audit WHERE seq > 5', 6],
    ['everything removed', 'DELETE FROM audit', 1],
    ['an entry added at the end', 'INSERT INTO audit SELECT 9, body, hash, mac FROM audit WHERE seq = 8', 9],
    [
      'an entry in another’s place',
      'UPDATE audit SET (body, hash, mac) = (SELECT body, hash, mac FROM audit WHERE seq = 6) WHERE seq = 2',
      2,
    ],
    [
      'JSON that means the same in other bytes',
      "UPDATE audit SET body = CAST(body || ' ' AS BLOB) WHERE seq = 2",
      2,
    ],
  ];
  it.each(edits)('%s', async (_, sql, firstBroken) => {
    const { store } = filled();
    store.close();
    tamper(store.path, sql);
    expect(await verdict(store.path)).toMatchObject({
      ok: false,
      firstBroken,
      why: expect.stringMatching(/\w/),
    });
  });

  it('two entries that changed places', async () => {
    const { store } = filled();
    store.close();
    for (const [from, to] of [
      [4, 1000],
      [6, 4],
      [1000, 6],
    ]) {
      tamper(store.path, 'UPDATE audit SET seq = ? WHERE seq = ?', to ?? 0, from ?? 0);
    }
    expect(await verdict(store.path)).toMatchObject({ ok: false, firstBroken: 4 });
  });

  it('a chain computed anew by someone without the key', async () => {
    const { store } = filled();
    store.close();
    const { entryHash } = await import('../../../src/main/audit/chain.ts');
    const db = new Database(store.path);
    const rows = db.prepare('SELECT seq, body, hash FROM audit ORDER BY seq').all() as {
      seq: number;
      body: Buffer;
      hash: Buffer;
    }[];
    let before = rows[3]?.hash ?? Buffer.alloc(0);
    for (const row of rows.slice(4)) {
      const body = Buffer.from(row.body.toString('latin1').replace('Event5', 'Forged'), 'latin1');
      before = entryHash(before, row.seq, body);
      db.prepare('UPDATE audit SET body = ?, hash = ? WHERE seq = ?').run(body, before, row.seq);
    }
    db.close();
    expect(await verdict(store.path)).toMatchObject({
      ok: false,
      firstBroken: 5,
      why: /not written by this vault/,
    });
  });

  it('and listing marks the entry that does not hold, even one whose bytes are no JSON', () => {
    const { store, log } = filled(3);
    tamper(store.path, "UPDATE audit SET body = x'00' WHERE seq = 2");
    expect(log.list().map((e) => [e.seq, e.eventName, e.intact])).toEqual([
      [3, 'Event3', true],
      [2, 'UnreadableEntry', false],
      [1, 'Event1', true],
    ]);
    expect(log.list({ eventName: 'Event1' }).map((e) => e.seq)).toEqual([2, 1]);
  });

  it('and listing marks what follows an entry that was taken away, and what stands after the end (pitfall 67)', () => {
    const { store, log } = filled(5);
    tamper(store.path, 'DELETE FROM audit WHERE seq IN (1, 4)');
    tamper(store.path, 'INSERT INTO audit SELECT 6, body, hash, mac FROM audit WHERE seq = 5');
    expect(log.list().map((e) => [e.seq, e.intact])).toEqual([
      [6, false],
      [5, false],
      [3, true],
      [2, false],
    ]);
    expect(log.list({ limit: 1 })[0]?.intact).toBe(false);
  });

  it('and listing marks entries behind the end that is on record (pitfall 67)', () => {
    const { store } = filled(2);
    store.close();
    const older = `${store.path}.older`;
    copyFileSync(store.path, older);
    const longer = reopen(store.path);
    const log = openLog(longer, testClock(), 'existing');
    longer.write((tx) => log.append(tx, event('Event3')));
    longer.close();
    const db = new Database(store.path);
    db.prepare('ATTACH ? AS older').run(older);
    for (const table of ['records', 'tree_roots', 'tree_nodes']) {
      db.exec(`DELETE FROM main.${table}; INSERT INTO main.${table} SELECT * FROM older.${table}`);
    }
    db.close();
    const again = openLog(reopen(store.path), testClock(), 'existing');
    expect(again.list().map((e) => [e.seq, e.intact])).toEqual([
      [3, false],
      [2, true],
      [1, true],
    ]);
  });

  it('and the date of the newest entry is that of one that holds', () => {
    const { store, log } = filled(3);
    const date = Date.parse(log.list()[0]?.eventTime ?? '');
    editEntry(store.path, 3, '2025-', '1999-');
    expect(newestEntry({ audit: log })).toBe(date);
    tamper(store.path, 'UPDATE audit SET hash = zeroblob(32)');
    expect(newestEntry({ audit: log })).toBeUndefined();
  });

  it('and appending over an entry put in from outside is refused', () => {
    const { store, log } = filled();
    tamper(store.path, 'INSERT INTO audit SELECT 9, body, hash, mac FROM audit WHERE seq = 8');
    expect(() => store.write((tx) => log.append(tx, event('Next')))).toThrow(
      expect.objectContaining({ code: 'AuditBroken', details: { firstBroken: 9 } }),
    );
  });
});

describe('segments', () => {
  function sealed(): Store {
    const { store, log } = filled(3);
    store.write((tx) => log.seal(tx));
    store.write((tx) => {
      log.append(tx, event('Event4'));
      log.append(tx, event('Event5'));
      log.seal(tx);
    });
    store.write((tx) => log.append(tx, event('Event6')));
    return store;
  }

  it('are signed, certify the next key and hold after each lock', async () => {
    const store = sealed();
    const rows = store.read((tx) =>
      tx.all<{ n: number; first_seq: number; last_seq: number | null }>(
        'SELECT n, first_seq, last_seq FROM audit_segments ORDER BY n',
      ),
    );
    expect(rows).toEqual([
      { n: 0, first_seq: 1, last_seq: 3 },
      { n: 1, first_seq: 4, last_seq: 5 },
      { n: 2, first_seq: 6, last_seq: null },
    ]);
    store.close();
    expect(await verdict(store.path)).toMatchObject({ ok: true, entries: 6, segments: 3 });
  });

  it('without entries go on instead of being sealed', async () => {
    const { store, log } = filled(1);
    store.write((tx) => log.seal(tx));
    store.write((tx) => log.seal(tx));
    expect(await log.verify()).toMatchObject({ ok: true, segments: 2 });
  });

  it('lose their private key when sealed: it is nowhere in the vault’s files', () => {
    const { store, log } = filled(2);
    const kept = () =>
      store.read((tx) =>
        tx.get<{ body: Buffer }>("SELECT body FROM records WHERE room = 'audit' AND id = 'segment-key'"),
      );
    const old = JSON.parse(kept()?.body.toString() ?? '{}') as { n: number; sealed: string };
    expect(old.n).toBe(0);
    store.checkpoint();
    expect(readFileSync(store.path).includes(old.sealed)).toBe(true);
    store.write((tx) => log.seal(tx));
    store.checkpoint();
    for (const suffix of ['', '-wal']) {
      expect(readFileSync(store.path + suffix).includes(old.sealed)).toBe(false);
    }
  });

  it('refuse by name: every column of every segment edited', async () => {
    const store = sealed();
    store.close();
    const db = new Database(store.path);
    const rows = db.prepare('SELECT * FROM audit_segments ORDER BY n').all() as Record<string, unknown>[];
    db.close();
    const broken: string[] = [];
    for (const row of rows) {
      for (const [column, value] of Object.entries(row)) {
        const other =
          value === null
            ? column === 'last_seq'
              ? 6
              : Buffer.alloc(64)
            : typeof value === 'number'
              ? value + 7
              : Buffer.from(value as Buffer).reverse();
        const now = column === 'n' ? other : row['n'];
        tamper(store.path, `UPDATE audit_segments SET ${column} = ? WHERE n = ?`, other, row['n'] as number);
        const found = await verdict(store.path);
        if (found.ok) broken.push(`${row['n']}.${column}`);
        else expect(rows.map((r) => r['first_seq'])).toContain(found.firstBroken);
        const back = value as number | Buffer | null;
        tamper(store.path, `UPDATE audit_segments SET ${column} = ? WHERE n = ?`, back, now as number);
      }
    }
    expect(rows).toHaveLength(3);
    expect(broken).toEqual([]);
    expect(await verdict(store.path)).toMatchObject({ ok: true });
  });

  it('refuse a segment removed, and name where', async () => {
    for (const [n, firstBroken] of [
      [0, 1],
      [1, 4],
      [2, 6],
    ]) {
      const store = sealed();
      store.close();
      tamper(store.path, 'DELETE FROM audit_segments WHERE n = ?', n ?? 0);
      expect(await verdict(store.path)).toMatchObject({ ok: false, firstBroken });
    }
  });
});

describe('entries that could not be written', () => {
  it('are held in memory and written behind a signed gap entry (pitfall 46)', async () => {
    const { store, log } = filled(2);
    log.hold(event('Decrypt', { file: { path: '/a' } }));
    log.hold(event('Decrypt', { file: { path: '/b' } }));
    expect(log.held).toBe(2);
    expect(() =>
      store.write((tx) => {
        log.append(tx, event('Fails'));
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(log.held).toBe(2);
    store.write((tx) => log.append(tx, event('Next')));
    expect(log.held).toBe(0);
    expect(log.list().map((e) => e.eventName)).toEqual([
      'Next',
      'Decrypt',
      'Decrypt',
      'AuditGap',
      'Event2',
      'Event1',
    ]);
    expect(log.list({ eventName: 'Decrypt' }).map((e) => e.file)).toEqual(['/b', '/a']);
    expect(await log.verify()).toMatchObject({ ok: true, entries: 6 });
  });

  it('make changes fail as AuditUnwritable, with the cause', async () => {
    const { log } = filled(1);
    const fail = (code: 'DiskFull' | 'DiskReadOnly' | 'Cancelled') => () => {
      throw new KeywardError(code, 'no');
    };
    await expect(log.group(fail('DiskFull'))).rejects.toMatchObject({
      code: 'AuditUnwritable',
      details: { because: 'DiskFull' },
    });
    expect(() => log.write(fail('DiskReadOnly'))).toThrow(
      expect.objectContaining({ code: 'AuditUnwritable', message: expect.stringMatching(/read-only/) }),
    );
    expect(() => log.write(fail('Cancelled'))).toThrow(expect.objectContaining({ code: 'Cancelled' }));
  });
});

describe('a long log', () => {
  const LONG = 2_500;

  it('is walked in pages, and goes on meanwhile', async () => {
    const { store, log } = filled(LONG);
    const walking = log.verify();
    let written = 0;
    const writing = (async () => {
      for (; written < 5; written += 1) {
        await log.group((tx) => log.append(tx, event('Meanwhile')));
      }
    })();
    const found = await walking;
    await writing;
    // Not all at once: what was written while it went on is in it.
    expect(found).toMatchObject({ ok: true });
    expect(found.entries).toBeGreaterThan(LONG);
    expect(await log.verify()).toMatchObject({ ok: true, entries: LONG + 5 });
    store.close();
  });

  it.each([1_000, 1_001, 2_000, 2_499, LONG])('shows an edit of entry %i', async (seq) => {
    const { store } = filled(LONG);
    store.close();
    tamper(store.path, 'UPDATE audit SET body = ? WHERE seq = ?', Buffer.from('{}'), seq);
    expect(await verdict(store.path)).toMatchObject({ ok: false, firstBroken: seq });
  });

  it('shows an entry that was put before the first', async () => {
    const { store } = filled(3);
    store.close();
    tamper(store.path, 'INSERT INTO audit SELECT -1, body, hash, mac FROM audit WHERE seq = 2');
    expect(await verdict(store.path)).toMatchObject({ ok: false, firstBroken: 1 });
  });

  it('is left when it is no longer asked for', async () => {
    const { log } = filled(LONG);
    const stop = new AbortController();
    const walking = log.verify(stop.signal);
    stop.abort();
    await expect(walking).rejects.toMatchObject({ code: 'Cancelled' });
  });
});
