import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { FileResult } from '../../src/shared/contract.ts';
import { oneVault } from '../support/one-vault.ts';

const vault = await oneVault();
const at = (...names: string[]) => vault.path('d', ...names);
const NAMES = ['a.txt', 'b.txt', 'c.txt'];
beforeEach(async () => {
  mkdirSync(at());
  for (const name of NAMES) writeFileSync(at(name), name);
  await vault.encrypt(at(), { each: true });
});

const told = (results: readonly FileResult[]) =>
  Object.fromEntries(
    results
      .filter(({ outcome }) => outcome !== 'encrypted')
      .map(({ source, outcome, error }) => [basename(source), error?.code ?? outcome]),
  );
const again = async (more = {}) =>
  told(await vault.encrypt(at(), { each: true, skipExisting: true, ...more }));
const all = (outcome: string, of = NAMES) => Object.fromEntries(of.map((name) => [name, outcome]));
const sealed = (name: string) => readFileSync(at(`${name}.keyward`));

describe('a second encryption of a folder (pitfall 72)', () => {
  it('passes over what is done, writes nothing, and leaves no entry in the log', async () => {
    const before = await vault.call('vault.status', {});
    const bytes = NAMES.map(sealed);
    expect(await again()).toEqual(all('up-to-date'));
    expect(await again({ overwrite: true })).toEqual(all('up-to-date'));
    expect(NAMES.map(sealed)).toEqual(bytes);
    expect((await vault.call('vault.status', {})).auditHead).toEqual(before.auditHead);
  });

  it('fails where it was not asked to pass over anything', async () => {
    expect(told(await vault.encrypt(at(), { each: true }))).toEqual(all('TargetExists'));
  });

  it('tells a source that has changed since, and replaces its output alone where that is allowed', async () => {
    appendFileSync(at('a.txt'), 'more');
    utimesSync(at('b.txt'), new Date(), new Date(Date.now() + 5_000));
    const bytes = NAMES.map(sealed);
    expect(await again()).toEqual({ ...all('up-to-date'), 'a.txt': 'outdated', 'b.txt': 'outdated' });
    expect(NAMES.map(sealed)).toEqual(bytes);
    expect(await again({ overwrite: true })).toEqual({
      ...all('up-to-date'),
      'a.txt': 'done',
      'b.txt': 'done',
    });
    expect(sealed('c.txt').equals(bytes[2] ?? Buffer.alloc(0))).toBe(true);
    expect(await again()).toEqual(all('up-to-date'));
  });

  it('still knows the output after a rewrap, a reencrypt and a move of the whole folder', async () => {
    await vault.call('files.rewrap', { sources: [at('a.txt.keyward')], each: false });
    await vault.call('files.reencrypt', { sources: [at('b.txt.keyward')], each: false });
    expect(await again()).toEqual(all('up-to-date'));
    renameSync(at(), vault.path('elsewhere'));
    const moved = await vault.encrypt(vault.path('elsewhere'), { each: true, skipExisting: true });
    expect(told(moved)).toEqual(all('up-to-date'));
    renameSync(vault.path('elsewhere'), at());
  });

  it('tells another key and another context', async () => {
    await vault
      .call('keys.create', { alias: `alias/other-${Date.now()}`, description: '' })
      .then(async ({ keyId }) => {
        expect(await again({ key: keyId })).toEqual(all('outdated'));
      });
    expect(await again({ context: { year: '2026' } })).toEqual(all('outdated'));
  });

  it('takes nothing for its own work that it did not make, or that is not as it was made', async () => {
    writeFileSync(at('a.txt.keyward'), 'mine');
    truncateSync(at('b.txt.keyward'), statSync(at('b.txt.keyward')).size - 1);
    const hurt = sealed('c.txt');
    hurt[100] = (hurt[100] ?? 0) ^ 1;
    writeFileSync(at('c.txt.keyward'), hurt);
    const { 'a.txt.keyward': plain, ...rest } = await again();
    expect(rest).toEqual(all('exists'));
    // It has the ending and no magic, so it is a file like any other (pitfall 54).
    expect(plain).toBe('done');
  });

  it('takes the output of another file for what it is, whatever its name is now', async () => {
    for (const name of ['a.txt', 'b.txt']) utimesSync(at(name), 1, 1);
    await again({ overwrite: true });
    copyFileSync(at('a.txt.keyward'), at('b.txt.keyward'));
    expect(await again()).toEqual({ ...all('up-to-date'), 'b.txt': 'outdated' });
  });

  it('never passes over a folder in the place of an output', async () => {
    mkdirSync(at('new.txt.keyward'));
    writeFileSync(at('new.txt'), 'new');
    expect(await again()).toMatchObject({ 'new.txt': 'TargetExists' });
  });
});

describe('a second decryption of a folder (pitfall 72)', () => {
  const back = async (more = {}) =>
    told(await vault.decrypt(at(), { each: true, skipExisting: true, out: vault.path('back'), ...more }));
  const ends = NAMES.map((name) => `${name}.keyward`);

  it('passes over what has the size and time that it would get, and tells what has not', async () => {
    expect(await back()).toEqual(all('done', ends));
    expect(await back()).toEqual(all('up-to-date', ends));
    writeFileSync(vault.path('back', 'a.txt'), 'what I wrote since');
    utimesSync(vault.path('back', 'b.txt'), new Date(), new Date(Date.now() + 60_000));
    const partly = { ...all('up-to-date', ends), 'a.txt.keyward': 'exists', 'b.txt.keyward': 'exists' };
    expect(await back()).toEqual(partly);
    expect(readFileSync(vault.path('back', 'a.txt'), 'utf8')).toBe('what I wrote since');
    expect(await back({ overwrite: true })).toEqual({
      ...partly,
      'a.txt.keyward': 'done',
      'b.txt.keyward': 'done',
    });
    expect(readFileSync(vault.path('back', 'a.txt'), 'utf8')).toBe('a.txt');
  });
});

describe('a second rewrap of a folder (pitfall 72)', () => {
  const rewrap = async (more = {}) =>
    told(
      (await vault.call('files.rewrap', { sources: [at()], each: true, skipExisting: true, ...more }))
        .results,
    );
  const ends = NAMES.map((name) => `${name}.keyward`);

  it('passes over what is under the current version, unless a header copy is damaged', async () => {
    expect(await rewrap()).toEqual(all('up-to-date', ends));
    await vault.call('keys.rotate', { key: 'alias/my-files' });
    expect(await rewrap()).toEqual(all('done', ends));
    const hurt = sealed('a.txt');
    hurt.fill(1, 5_000, 5_100);
    writeFileSync(at('a.txt.keyward'), hurt);
    expect(await rewrap()).toEqual({ ...all('up-to-date', ends), 'a.txt.keyward': 'done' });
    expect(await rewrap()).toEqual(all('up-to-date', ends));
  });
});
