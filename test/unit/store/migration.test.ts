import { readFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { freshStore, tamper } from './support.ts';

const INSERT = 'INSERT INTO leases (name, holder, expires) VALUES (?, ?, 1)';

afterEach(() => {
  vi.doUnmock('../../../src/main/store/schema.ts');
  vi.resetModules();
});

/** The store as it will be with further steps of the schema. */
async function withSteps(...steps: readonly string[]) {
  vi.resetModules();
  const real = await vi.importActual<typeof import('../../../src/main/store/schema.ts')>(
    '../../../src/main/store/schema.ts',
  );
  vi.doMock('../../../src/main/store/schema.ts', () => ({
    ...real,
    MIGRATIONS: [...real.MIGRATIONS, ...steps],
  }));
  return (await import('../../../src/main/store/database.ts')).Store;
}

it('a step of the schema that fails leaves the vault as it was, and is done whole the next time (pitfall 32)', async () => {
  const store = freshStore();
  store.write((tx) => tx.run(INSERT, 'a', 'me'));
  store.close();
  const { path } = store;
  const before = readFileSync(path);
  const first = 'CREATE TABLE later (x INTEGER); INSERT INTO later VALUES (1);';
  const Broken = await withSteps(first, 'UPDATE leases SET holder = 1; UPDATE no_such_table SET x = 1;');
  expect(() => Broken.open(path, 'existing')).toThrow('no_such_table');
  expect(readFileSync(path).equals(before)).toBe(true);

  const Mended = await withSteps(first, 'UPDATE leases SET holder = upper(holder);');
  const opened = Mended.open(path, 'existing');
  expect(opened.read((tx) => tx.all('SELECT name, holder FROM leases'))).toEqual([
    { name: 'a', holder: 'ME' },
  ]);
  expect(opened.read((tx) => tx.all('SELECT x FROM later'))).toEqual([{ x: 1 }]);
  opened.close();
  // What an older program would do with it now: nothing.
  tamper(path, 'PRAGMA user_version = 99');
  expect(() => Mended.open(path, 'existing')).toThrow(expect.objectContaining({ reason: 'vault-newer' }));
});
