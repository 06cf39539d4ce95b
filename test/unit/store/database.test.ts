import { copyFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { Store } from '../../../src/main/store/database.ts';
import { KeywardError } from '../../../src/shared/errors.ts';
import { freshFolder, freshStore, reopen, tamper } from './support.ts';

const INSERT = 'INSERT INTO leases (name, holder, expires) VALUES (?, ?, 1)';

function names(store: Store): string[] {
  return store
    .read((tx) => tx.all<{ name: string }>('SELECT name FROM leases ORDER BY name'))
    .map((r) => r.name);
}

describe('opening a store', () => {
  it('makes the file and its journal readable by the owner only, whatever the umask', () => {
    const old = process.umask(0);
    try {
      const store = freshStore();
      store.write((tx) => tx.run(INSERT, 'a', 'me'));
      for (const suffix of ['', '-wal', '-shm']) {
        expect(statSync(store.path + suffix).mode & 0o777).toBe(0o600);
      }
    } finally {
      process.umask(old);
    }
  });

  it('refuses to make a vault over another, and to open one that is not there', () => {
    const store = freshStore();
    expect(() => Store.open(store.path, 'create')).toThrow(expect.objectContaining({ code: 'VaultExists' }));
    expect(() => Store.open(join(freshFolder(), 'x.db'), 'existing')).toThrow(
      expect.objectContaining({ code: 'VaultNotFound' }),
    );
  });

  it('flushes every commit, wipes what is deleted and trusts no schema', () => {
    const seen: string[] = [];
    const pragma = Database.prototype.pragma;
    Database.prototype.pragma = function (source, options) {
      seen.push(source);
      return pragma.call(this, source, options);
    };
    try {
      freshStore();
    } finally {
      Database.prototype.pragma = pragma;
    }
    for (const wanted of [
      'journal_mode = WAL',
      'synchronous = FULL',
      'secure_delete = ON',
      'foreign_keys = ON',
      'trusted_schema = OFF',
    ]) {
      expect(seen).toContain(wanted);
    }
  });

  it('stops at a newer schema and leaves it alone', () => {
    const { path } = freshStore();
    tamper(path, 'CREATE TABLE later (x)');
    const db = new Database(path);
    db.pragma('user_version = 99');
    db.close();
    expect(() => Store.open(path, 'existing')).toThrow(expect.objectContaining({ code: 'VaultNewer' }));
    const after = new Database(path);
    expect(after.pragma('user_version', { simple: true })).toBe(99);
    after.close();
  });

  it('says that a file which is no vault is damaged: noise, an empty file, another program’s database', () => {
    const folder = freshFolder();
    const noise = join(folder, 'noise.db');
    writeFileSync(noise, Buffer.alloc(8192, 0x5a));
    const empty = join(folder, 'empty.db');
    writeFileSync(empty, '');
    const other = join(folder, 'other.db');
    const db = new Database(other);
    db.exec('CREATE TABLE t (x); PRAGMA user_version = 1');
    db.close();
    for (const path of [noise, empty, other]) {
      expect(() => Store.open(path, 'existing')).toThrow(
        expect.objectContaining({ code: 'VaultDamaged', details: expect.objectContaining({ path }) }),
      );
    }
  });

  it('waits for another writer for a bounded time, then says who is in the way', () => {
    const { path } = freshStore();
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    const store = Store.open(path, 'existing', { busyMs: 20 });
    try {
      expect(() => store.write((tx) => tx.run(INSERT, 'a', 'me'))).toThrow(
        expect.objectContaining({ code: 'OwnerBusy' }),
      );
    } finally {
      other.close();
      store.close();
    }
  });
});

describe('write', () => {
  it('rolls back when its function throws, and memory with it', () => {
    const store = freshStore();
    const undone: string[] = [];
    expect(() =>
      store.write((tx) => {
        tx.run(INSERT, 'a', 'me');
        tx.onRollback(() => undone.push('first'));
        tx.onRollback(() => undone.push('second'));
        throw new KeywardError('Cancelled', 'no');
      }),
    ).toThrow(expect.objectContaining({ code: 'Cancelled' }));
    expect(names(store)).toEqual([]);
    expect(undone).toEqual(['second', 'first']);
    store.write((tx) => tx.run(INSERT, 'b', 'me'));
    expect(names(store)).toEqual(['b']);
  });

  it('refuses a transaction inside another', () => {
    const store = freshStore();
    expect(() => store.write(() => store.write(() => 1))).toThrow(
      expect.objectContaining({ code: 'Internal' }),
    );
    expect(store.write(() => 2)).toBe(2);
  });

  it('runs a hook again that another hook has asked for after its turn', () => {
    const store = freshStore();
    const ran: string[] = [];
    const [early, late] = [{}, {}];
    store.write((tx) => {
      tx.beforeCommit(early, () => ran.push('replaced'));
      tx.beforeCommit(early, () => ran.push('early'));
      tx.beforeCommit(late, (last) => {
        ran.push('late');
        last.beforeCommit(early, () => ran.push('again'));
      });
    });
    expect(ran).toEqual(['early', 'late', 'again']);
  });

  it('turns a broken statement into our error', () => {
    const store = freshStore();
    expect(() => store.write((tx) => tx.run('INSERT INTO nowhere VALUES (1)'))).toThrow(
      expect.objectContaining({ name: 'KeywardError' }),
    );
  });
});

describe('group commit', () => {
  it('gives results only after the commit, all of one turn in one transaction', async () => {
    const store = freshStore();
    const other = new Database(store.path, { readonly: true });
    const count = other.prepare('SELECT count(*) AS n FROM leases');
    const inside: unknown[] = [];
    const seen = await Promise.all(
      Array.from({ length: 64 }, async (_, i) => {
        await store.group((tx) => {
          tx.run(INSERT, `n${i}`, 'me');
          inside.push(count.get());
        });
        return count.get();
      }),
    );
    other.close();
    expect(inside).toEqual(Array.from({ length: 64 }, () => ({ n: 0 })));
    expect(seen).toEqual(Array.from({ length: 64 }, () => ({ n: 64 })));
  });

  it('undoes and rejects a failing member alone', async () => {
    const store = freshStore();
    let undone = 0;
    const results = await Promise.allSettled([
      store.group((tx) => tx.run(INSERT, 'a', 'me').changes),
      store.group((tx) => {
        tx.run(INSERT, 'b', 'me');
        tx.onRollback(() => {
          undone += 1;
        });
        throw new KeywardError('DisabledException', 'off');
      }),
      store.group((tx) => tx.run(INSERT, 'a', 'twice')),
      store.group((tx) => tx.run(INSERT, 'd', 'me').changes),
    ]);
    expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'DisabledException' } });
    expect(undone).toBe(1);
    expect(names(store)).toEqual(['a', 'd']);
  });

  it('rejects all and undoes all when the commit itself fails', async () => {
    const store = freshStore();
    let undone = 0;
    const owner = {};
    const results = await Promise.allSettled(
      ['a', 'b'].map((name) =>
        store.group((tx) => {
          tx.run(INSERT, name, 'me');
          tx.onRollback(() => {
            undone += 1;
          });
          tx.beforeCommit(owner, () => {
            throw new KeywardError('VaultDamaged', 'no');
          });
        }),
      ),
    );
    expect(results.map((r) => r.status)).toEqual(['rejected', 'rejected']);
    expect(undone).toBe(2);
    expect(names(store)).toEqual([]);
  });

  it('finishes what is waiting when the store is closed, and it is there afterwards', async () => {
    const store = freshStore();
    const pending = store.group((tx) => tx.run(INSERT, 'a', 'me').changes);
    store.close();
    expect(await pending).toBe(1);
    expect(names(reopen(store.path))).toEqual(['a']);
  });
});

describe('a full disk', () => {
  it('runs the whole transaction again for each step the reserve gives back, then says so (pitfall 6)', async () => {
    let steps = 2;
    let releases = 0;
    const store = freshStore(undefined, {
      release: () => {
        releases += 1;
        steps -= 1;
        return steps >= 0;
      },
    });
    let runs = 0;
    const full = (): never => {
      runs += 1;
      throw new KeywardError('DiskFull', 'full');
    };
    await expect(store.group(full)).rejects.toMatchObject({ code: 'DiskFull' });
    // At each step once more, after the journal has been begun anew.
    expect({ runs, releases }).toEqual({ runs: 6, releases: 3 });
    expect(() => store.write(full)).toThrow(expect.objectContaining({ code: 'DiskFull' }));
  });
});

describe('a database whose file was', () => {
  it.each([
    ['removed', (path: string) => rmSync(path)],
    [
      'replaced',
      (path: string) => {
        copyFileSync(path, `${path}-copy`);
        renameSync(`${path}-copy`, path);
      },
    ],
  ])(
    '%s under it takes nothing more that would be lost, and is still read (pitfall 46)',
    async (_how, act) => {
      const store = freshStore();
      store.write((tx) => tx.run(INSERT, 'a', 'me'));
      act(store.path);
      const lost = { code: 'DiskReadOnly', reason: 'vault-file-moved' };
      expect(() => store.write((tx) => tx.run(INSERT, 'b', 'me'))).toThrow(expect.objectContaining(lost));
      await expect(store.group((tx) => tx.run(INSERT, 'c', 'me'))).rejects.toMatchObject(lost);
      expect(names(store)).toEqual(['a']);
    },
  );

  it('put back goes on', () => {
    const store = freshStore();
    renameSync(store.path, `${store.path}-aside`);
    expect(() => store.write((tx) => tx.run(INSERT, 'a', 'me'))).toThrow(
      expect.objectContaining({ reason: 'vault-file-moved' }),
    );
    renameSync(`${store.path}-aside`, store.path);
    store.write((tx) => tx.run(INSERT, 'a', 'me'));
    store.close();
    expect(names(reopen(store.path))).toEqual(['a']);
  });
});
