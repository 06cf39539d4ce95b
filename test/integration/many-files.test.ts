import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { documents, failureDocument } from '../../src/cli/json-documents.ts';
import { BUILT, CommandHome } from '../support/command.ts';

/** More than are named one by one. */
const FILES = 12;

let vault: CommandHome;
beforeAll(async () => {
  vault = await CommandHome.unlocked();
});
afterAll(() => vault.lockAndEnd());
beforeEach(() => {
  rmSync(vault.files, { recursive: true });
  mkdirSync(join(vault.files, 'd'), { recursive: true });
  for (let n = 1; n <= FILES; n++) writeFileSync(join(vault.files, 'd', `${n}.txt`), `${n}`);
});

/** Runs the command in the folder of files. */
function run(...words: string[]) {
  const options = { cwd: vault.files, env: vault.env, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUILT, ...words], options);
  const lines = (text: string) => text.split('\n').filter((line) => line !== '');
  return { code: status, out: lines(stdout), err: lines(stderr) };
}

const document = (...words: string[]) => {
  const { code, out } = run(...words, '--json');
  return { code, ...documents.encrypt.parse(JSON.parse(out.join('\n'))) };
};

describe('many files in words: a line for each outcome (pitfall 72)', () => {
  it('are done, then found done, then passed over when asked to', () => {
    expect(run('encrypt', '--each', 'd')).toMatchObject({
      code: 0,
      out: [expect.stringMatching(/^12 files encrypted under my-files; 15 bytes in [\d.]+ s$/)],
      err: [],
    });
    const again = run('encrypt', '--each', 'd');
    expect(again).toMatchObject({ code: 1, out: ['12 files encrypted already'] });
    expect(again.err).toHaveLength(3);
    expect(again.err[1]).toContain('--skip-existing');
    expect(again.err[2]).toMatch(
      /^ {2}11 more files ended so: d\/10\.txt, .* and 6 more \(each of them: --verbose\)$/,
    );
    const quiet = { code: 0, out: ['12 files up to date', '12 files encrypted already'], err: [] };
    expect(run('encrypt', '--each', '--skip-existing', 'd')).toEqual(quiet);
    appendFileSync(join(vault.files, 'd', '3.txt'), 'more');
    const { code, out } = run('encrypt', '--each', '--skip-existing', 'd');
    expect([code, out[0], out[1]]).toEqual([0, '11 files up to date', expect.stringContaining('d/3.txt')]);
    const replaced = run('encrypt', '--each', '--skip-existing', '--overwrite', 'd');
    expect(replaced.out[0]).toMatch(/^1 file encrypted under/);
  });

  it('have a line each with --verbose, and a sum', () => {
    const { out } = run('encrypt', '--each', '--verbose', 'd');
    expect(out).toHaveLength(FILES + 1);
    expect(out[0]).toMatch(/^d\/1\.txt → d\/1\.txt\.keyward {2}/);
    const again = run('encrypt', '--each', '--verbose', 'd');
    expect(again.err).toHaveLength(2 * FILES);
  });

  it('are told as they were given: below a folder above, or absolute', () => {
    mkdirSync(join(vault.files, 'below'));
    const env = { ...vault.env };
    const options = { cwd: join(vault.files, 'below'), env, encoding: 'utf8' } as const;
    const near = spawnSync(process.execPath, [BUILT, 'encrypt', '../d/1.txt'], options);
    expect(near.stdout).toMatch(/^\.\.\/d\/1\.txt → \.\.\/d\/1\.txt\.keyward /);
    const whole = join(vault.files, 'd', '2.txt');
    expect(run('encrypt', whole).out[0]).toMatch(`${whole} → ${whole}.keyward`);
  });

  it('that are none end with 2, in every command, and say what was passed over', () => {
    const empty = join(vault.files, 'empty');
    mkdirSync(empty);
    symlinkSync(join(vault.files, 'd', '1.txt'), join(empty, 'link'));
    for (const command of ['encrypt', 'decrypt', 'verify', 'rewrap', 'reencrypt']) {
      const { code, out, err } = run(command, '--each', 'empty');
      expect([code, out]).toEqual([2, []]);
      expect(err[0]).toMatch(
        /^keyward: Nothing was done: there is no .* in empty, only 1 symbolic link, not followed\.$/,
      );
      expect(err).toHaveLength(2);
    }
    expect(run('verify', '--each', 'd').code).toBe(2);
    const { out } = run('verify', '--each', 'd', '--json');
    expect(failureDocument.parse(JSON.parse(out.join('\n'))).error.code).toBe('Usage');
  });
});

describe('what is up to date', () => {
  const at = (...names: string[]) => join(vault.files, 'd', ...names);
  const outcomes = (...words: string[]) => document(...words).outcomes;
  /** Writes other contents of the same size, and puts the time of modification back. */
  function replaceInSecret(path: string): void {
    const { atime, mtime } = statSync(path);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/./s, '#'));
    utimesSync(path, atime, mtime);
  }

  it('is no source that got other contents of the same size, and its old time back', () => {
    // Whole seconds come back exactly.
    utimesSync(at('1.txt'), 1_700_000_000, 1_700_000_000);
    expect(outcomes('encrypt', '--each', 'd')).toEqual({ done: FILES });
    replaceInSecret(at('1.txt'));
    const again = ['encrypt', '--each', '--skip-existing', 'd'];
    expect(outcomes(...again)).toMatchObject({ outdated: 1, 'up-to-date': FILES - 1 });
    expect(outcomes(...again, '--overwrite')).toMatchObject({ done: 1, 'up-to-date': FILES - 1 });
    expect(outcomes(...again)).toMatchObject({ 'up-to-date': FILES });
    expect(run('decrypt', 'd/1.txt.keyward', '--out', 'back').code).toBe(0);
    expect(readFileSync(join(vault.files, 'back'), 'utf8')).toBe('#');
  });

  it('is no source with other permissions, which are sealed too', () => {
    expect(outcomes('encrypt', '--each', 'd')).toEqual({ done: FILES });
    chmodSync(at('2.txt'), 0o600);
    expect(outcomes('encrypt', '--each', '--skip-existing', 'd')).toMatchObject({ outdated: 1 });
  });

  it('is no decrypted file that got other contents of the same size, and its old time back', () => {
    writeFileSync(at('none.txt'), '');
    expect(outcomes('encrypt', '--each', 'd', '--out', 'sealed')).toEqual({ done: FILES + 1 });
    const decrypt = ['decrypt', '--each', 'sealed', '--out', 'plain'];
    expect(outcomes(...decrypt)).toEqual({ done: FILES + 1 });
    expect(outcomes(...decrypt, '--skip-existing')).toEqual({ 'up-to-date': FILES + 1 });
    replaceInSecret(join(vault.files, 'plain', '3.txt'));
    expect(outcomes(...decrypt, '--skip-existing')).toEqual({ exists: 1, 'up-to-date': FILES });
    expect(outcomes(...decrypt, '--skip-existing', '--overwrite')).toEqual({ done: 1, 'up-to-date': FILES });
    expect(readFileSync(join(vault.files, 'plain', '3.txt'), 'utf8')).toBe('3');
  });
});

describe('the document of --json', () => {
  it('has an outcome for each file, counts them, and is ok only if the command exits with 0', () => {
    expect(document('encrypt', '--each', 'd')).toMatchObject({
      code: 0,
      ok: true,
      outcomes: { done: FILES },
    });
    expect(document('encrypt', '--each', 'd')).toMatchObject({
      code: 1,
      ok: false,
      outcomes: { failed: FILES, encrypted: FILES },
    });
    expect(document('encrypt', '--each', '--skip-existing', 'd')).toMatchObject({
      code: 0,
      ok: true,
      outcomes: { 'up-to-date': FILES },
    });
    expect(document('verify', 'd/1.txt.keyward', 'd/none')).toMatchObject({
      code: 1,
      ok: false,
      outcomes: { done: 1, failed: 1 },
    });
  });
});

// Where there is no such device, nothing is full at will.
describe.skipIf(!existsSync('/dev/full'))('output that can not be written', () => {
  it.each([
    ['in words', ['keys', 'list']],
    ['as a document', ['keys', 'list', '--json']],
    ['of a pipe', ['decrypt', '-']],
    ['of a range', ['decrypt', '--range', '0-', 'd/1.txt.keyward']],
  ])('%s is an error, told once', (_how, words) => {
    expect(run('encrypt', 'd/1.txt').code).toBe(0);
    const [full, input] = [openSync('/dev/full', 'w'), readFileSync(join(vault.files, 'd', '1.txt.keyward'))];
    const options = { cwd: vault.files, env: vault.env, input, encoding: 'utf8' } as const;
    const { status, stderr } = spawnSync(process.execPath, [BUILT, ...words], {
      ...options,
      stdio: ['pipe', full, 'pipe'],
    });
    closeSync(full);
    expect(status).toBe(1);
    expect(stderr.split('\n').filter((line) => line.startsWith('keyward:'))).toEqual([
      expect.stringMatching(/^keyward: Could not write .*: the disk is full\.$/),
    ]);
  });
});
