import {
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setFaultHook } from '../../src/main/disk/fault-hook.ts';
import { pathFacts } from '../../src/main/window-files.ts';
import type { FileResult } from '../../src/shared/contract.ts';
import { errno, gateBelow } from '../support/faults.ts';
import { only } from '../support/live-vault.ts';
import { oneVault } from '../support/one-vault.ts';

const vault = await oneVault();
const at = (...names: string[]) => vault.path('d', ...names);
beforeEach(() => mkdirSync(at()));

/** What became of each file, by its name. */
const told = (results: readonly FileResult[]) =>
  Object.fromEntries(results.map(({ source, outcome, error }) => [basename(source), error?.code ?? outcome]));

/** Puts an encrypted file there whose contents are its own name. */
async function encrypted(name: string, aws = false): Promise<void> {
  writeFileSync(vault.path(name), name);
  const result = only(await vault.encrypt(vault.path(name), aws ? { aws: { suite: '0478' } } : {}));
  renameSync(result.output ?? '', at(name));
  rmSync(vault.path(name));
}

const WALKS = {
  verify: () => vault.call('files.verify', { sources: [at()], each: true }),
  decrypt: () =>
    vault.call('files.decrypt', { sources: [at()], each: true, overwrite: false, out: vault.path('out') }),
  rewrap: () => vault.call('files.rewrap', { sources: [at()], each: true }),
  reencrypt: () => vault.call('files.reencrypt', { sources: [at()], each: true }),
} as const;

describe('a file is encrypted that has the magic, whatever its name (pitfall 54)', () => {
  it('in a folder to be encrypted: what has the ending only is encrypted, what has the magic only is not', async () => {
    const diary = Buffer.from('KEYWARD\ndear diary, this is not encrypted');
    for (const name of ['a.keyward', 'B.KEYWARD', 'plain.txt']) writeFileSync(at(name), diary);
    writeFileSync(at('empty.keyward'), '');
    for (const name of ['X.KEYWARD', 'other.bin', 'usual.keyward']) await encrypted(name);
    await encrypted('message.esdk', true);
    const results = await vault.encrypt(at(), { each: true });
    expect(told(results)).toEqual({
      'a.keyward': 'done',
      'B.KEYWARD': 'done',
      'empty.keyward': 'done',
      'plain.txt': 'done',
      'X.KEYWARD': 'encrypted',
      'other.bin': 'encrypted',
      'usual.keyward': 'encrypted',
      'message.esdk': 'encrypted',
    });
    const back = await vault.decrypt(at('a.keyward.keyward'), { out: vault.path('out/') });
    expect(only(back).output).toBe(vault.path('out', 'a.keyward'));
    expect(readFileSync(vault.path('out', 'a.keyward')).equals(diary)).toBe(true);
  });

  it.each(Object.entries(WALKS))(
    'in a folder for %s, which tells what is encrypted by its name alone',
    async (what, walk) => {
      for (const name of ['X.KEYWARD', 'other.bin', 'usual.keyward']) await encrypted(name);
      await encrypted('message.esdk', true);
      writeFileSync(at('plain.txt'), 'plain');
      writeFileSync(at('diary.keyward'), 'dear diary');
      expect(told((await walk()).results)).toEqual({
        'X.KEYWARD': 'done',
        'other.bin': 'done',
        'usual.keyward': 'done',
        'message.esdk': what === 'rewrap' ? 'UnsupportedOperationException' : 'done',
        'diary.keyward': 'NotKeywardFile',
      });
    },
  );

  it('is still found by its second header copy, and is then not encrypted once more', async () => {
    await encrypted('hurt.keyward');
    writeSync(openSync(at('hurt.keyward'), 'r+'), Buffer.alloc(4096), 0, 4096, 0);
    expect(told(await vault.encrypt(at(), { each: true }))).toEqual({ 'hurt.keyward': 'encrypted' });
    expect(told((await WALKS.verify()).results)).toEqual({ 'hurt.keyward': 'done' });
  });

  it('among several that are named is not encrypted once more; alone it is, and that is said', async () => {
    await encrypted('one.keyward');
    writeFileSync(at('two'), 'two');
    expect(told(await vault.encrypt([at('one.keyward'), at('two')]))).toEqual({
      'one.keyward': 'encrypted',
      two: 'done',
    });
    expect(only(await vault.encrypt(at('one.keyward')))).toMatchObject({
      output: at('one.keyward.keyward'),
      notes: [expect.stringContaining('twice')],
    });
    rmSync(at('one.keyward'));
    expect(only(await vault.decrypt(at('one.keyward.keyward'))).output).toBe(at('one.keyward'));
  });

  it('gets its name back where a disk has put it into capitals', async () => {
    writeFileSync(at('Vertrag \u00fc.pdf'), 'x');
    const made = only(await vault.encrypt(at('Vertrag \u00fc.pdf')));
    rmSync(at('Vertrag \u00fc.pdf'));
    renameSync(made.output ?? '', at('VERTRAG \u00dc.PDF.KEYWARD'));
    const back = only(await vault.decrypt(at('VERTRAG \u00dc.PDF.KEYWARD')));
    expect(back.output).toBe(at('Vertrag \u00fc.pdf'));
    copyFileSync(at('VERTRAG \u00dc.PDF.KEYWARD'), at('Other.KEYWARD'));
    expect(only(await vault.decrypt(at('Other.KEYWARD'))).output).toBe(at('Other'));
  });

  it('is judged so by the window too', async () => {
    await encrypted('other.bin');
    await encrypted('message.esdk', true);
    writeFileSync(at('diary.keyward'), 'dear diary');
    const kinds = await Promise.all(
      readdirSync(at()).map(async (name) => [name, (await pathFacts(at(name)))?.kind]),
    );
    expect(Object.fromEntries(kinds)).toEqual({
      'other.bin': 'encrypted',
      'message.esdk': 'encrypted',
      'diary.keyward': 'file',
    });
    expect((await pathFacts(at()))?.kind).toBe('folder');
    expect(await pathFacts(at('gone'))).toBeUndefined();
  });
});

describe('a file that can not be read to be judged', () => {
  afterEach(() => setFaultHook(undefined));

  it.each(
    Object.entries({
      ...WALKS,
      encrypt: async () => ({ results: await vault.encrypt(at(), { each: true }) }),
    }),
  )('is told in a folder for %s', async (_what, walk) => {
    for (const name of ['closed.bin', 'sector.bin']) writeFileSync(at(name), 'x');
    gateBelow(at(), ({ op, path }) => {
      if (path === at('closed.bin') && op === 'open') throw errno('EACCES');
      if (path === at('sector.bin') && op === 'read') throw errno('EIO');
      return undefined;
    });
    expect(told((await walk()).results)).toEqual({
      'closed.bin': 'PermissionDenied',
      'sector.bin': 'IoFailed',
    });
  });
});
