import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { documents, failureDocument } from '../../../src/cli/json-documents.ts';
import { isPartialName } from '../../../src/main/vault/file-names.ts';
import { BUILT } from '../../support/command.ts';

/*
 * The command in processes of its own, with a real vault. Unlocking costs what it costs (Argon2id with
 * 64 MiB), so one vault serves all tests, in the order in which they stand.
 */

const PASSPHRASE = 'correct horse battery';
let folder: string;
let home: string;

type Ended = { code: number | null; out: Buffer; err: string; milliseconds: number };
type Started = { child: ChildProcess; ended: Promise<Ended> };

function start(words: readonly string[], options: { input?: Buffer; env?: NodeJS.ProcessEnv } = {}): Started {
  const began = performance.now();
  const child = spawn(process.execPath, [BUILT, ...words], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', KEYWARD_HOME: home, KEYWARD_PASSPHRASE_FILE: '', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  child.stdin?.on('error', () => undefined);
  if (options.input !== undefined) child.stdin?.end(options.input);
  else child.stdin?.end();
  const ended = new Promise<Ended>((done) => {
    child.on('close', (code) =>
      done({ code, out: Buffer.concat(out), err, milliseconds: performance.now() - began }),
    );
  });
  return { child, ended };
}

const run = (words: readonly string[], options: Parameters<typeof start>[1] = {}) =>
  start(words, options).ended;
/** With the passphrase at hand, so that it works whether or not another process holds the vault. */
const WITH = { env: { KEYWARD_PASSPHRASE_FILE: 'pass' } };

/** Runs with --json and holds the one document against its schema. */
async function json<N extends keyof typeof documents>(name: N, ...words: string[]) {
  const ended = await run([...name.split(' '), '--json', ...words], WITH);
  expect(ended.err, name).toBe('');
  const schema: z.ZodType<z.output<(typeof documents)[N]>> = documents[name] as never;
  return { code: ended.code, document: schema.parse(JSON.parse(ended.out.toString())) };
}

async function failure(...words: string[]) {
  const { code, out } = await run([...words, '--json'], WITH);
  return { code, error: failureDocument.parse(JSON.parse(out.toString())).error };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyward-command-'));
  home = join(folder, 'home');
  await writeFile(join(folder, 'pass'), `${PASSPHRASE}\n`);
  await writeFile(join(folder, 'wrong'), 'something else\n');
});

afterAll(async () => {
  await run(['lock']);
  await rm(folder, { recursive: true, force: true });
});

describe('the command', () => {
  it('says that there is no vault, and makes none on the way', async () => {
    expect((await json('status')).document).toMatchObject({ state: 'none' });
    const { code, err } = await run(['encrypt', 'pass']);
    expect(code).toBe(3);
    expect(err).toContain('keyward init');
    expect((await run(['lock'])).code).toBe(3);
    expect(await readdir(folder)).toEqual(['pass', 'wrong']);
  });

  it('makes a vault without asking, and keeps the phrase out of everything but its file', async () => {
    expect((await run(['init', '--passphrase-file', 'pass'])).code).toBe(2);
    expect(await failure('init', '--recovery-file', join(home, 'phrase'))).toMatchObject({
      code: 1,
      error: { code: 'TargetInVault' },
    });
    expect(await readdir(folder)).toEqual(['pass', 'wrong']);
    const { code, document } = await json('init', '--recovery-file', 'phrase', '--account', '123456789012');
    expect(code).toBe(0);
    expect(document).toMatchObject({ account: '123456789012', recoveryFile: join(folder, 'phrase') });
    expect((await stat(join(folder, 'phrase'))).mode & 0o777).toBe(0o600);
    expect((await stat(home)).mode & 0o777).toBe(0o700);
    const word = (await readFile(join(folder, 'phrase'), 'utf8')).split(/\s+/).slice(0, 3).join(' ');
    expect(JSON.stringify(document)).not.toContain(word);
    expect(await failure('init', '--recovery-file', 'other')).toMatchObject({
      code: 1,
      error: { code: 'VaultExists' },
    });
    expect(await readdir(folder)).not.toContain('other');
  });

  it('says what to do when locked, and tells a wrong passphrase in under 2 s: pitfall 33', async () => {
    const locked = await run(['keys', 'list']);
    expect(locked.code).toBe(3);
    expect(locked.err).toContain('--passphrase-file');
    const wrong = await run(['keys', 'list', '--passphrase-file', 'wrong']);
    expect(wrong.code).toBe(3);
    expect(wrong.err).toContain('The passphrase is wrong.');
  });

  it('encrypts and decrypts files with any name, and tells names safely', async () => {
    const names = ['plain.txt', '-dash', 'two\nlines', 'evil\u001b[2J\u202etxt', 'ünï 文件 👩‍💻'];
    for (const name of names) await writeFile(join(folder, name), `content of ${name}`);
    const { code, document } = await json('encrypt', '--', ...names);
    expect(code).toBe(0);
    expect(document.results.map(({ status }) => status)).toEqual(names.map(() => 'done'));
    const words = await run(
      ['decrypt', '--out', 'back', '--', ...names.map((name) => `${name}.keyward`)],
      WITH,
    );
    expect(words.code).toBe(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
    expect(words.out.toString() + words.err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(words.out.toString()).toContain('evil\\x1b[2J\\u{202e}txt');
    for (const name of names) {
      expect(await readFile(join(folder, 'back', name), 'utf8')).toBe(`content of ${name}`);
    }
  });

  it('unlocks in the background, in one process for two that start at once', async () => {
    const both = await Promise.all([
      json('unlock', '--passphrase-file', 'pass'),
      json('unlock', '--recovery-file', 'phrase'),
    ]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const pids = new Set(both.map(({ document }) => document.owner.pid));
    expect(pids.size).toBe(1);
    expect(both.map(({ document }) => document.already).sort()).toEqual([false, true]);
    if (process.platform === 'linux') {
      const [pid] = [...pids];
      for (const what of ['cmdline', 'environ']) {
        const bytes = await readFile(`/proc/${pid}/${what}`, 'utf8');
        expect(bytes).not.toContain(PASSPHRASE);
        expect(bytes).not.toContain('KEYWARD_PASSPHRASE_FILE');
      }
    }
    const status = (await json('status')).document;
    expect(status).toMatchObject({ state: 'unlocked', owner: { kind: 'background' } });
    expect((await run(['keys', 'list'])).code).toBe(0);
  });

  it('prints a document of its schema for every command', async () => {
    const { document: key } = await json('keys create', 'taxes', '--description', 'Returns');
    expect(key.aliases).toEqual(['alias/taxes']);
    expect((await json('keys list')).document.keys).toHaveLength(2);
    expect((await json('keys rotate', 'alias/taxes')).document.versions).toBe(2);
    expect((await json('keys describe', key.arn)).document.history).toHaveLength(2);
    expect((await json('keys disable', key.keyId)).document.state).toBe('Disabled');
    expect((await json('keys enable', 'taxes')).document.state).toBe('Enabled');
    expect((await json('config', 'default-key', 'alias/taxes')).document.settings).toEqual({
      'default-key': 'alias/taxes',
    });
    await writeFile(join(folder, 'return.txt'), 'x'.repeat(1000));
    await json('encrypt', '-c', 'year=2026', 'return.txt');
    const { document: inspected } = await json('inspect', 'return.txt.keyward');
    expect(inspected).toMatchObject({
      context: { year: '2026' },
      plaintextBytes: 1000,
      slots: [{ key: key.keyId }],
    });
    await json('keys rotate', 'taxes');
    expect((await json('rewrap', 'return.txt.keyward')).code).toBe(0);
    expect((await json('verify', 'return.txt.keyward')).document.results[0]).toMatchObject({ bytes: 1000 });
    expect(
      (await json('audit list', '--event', 'GenerateDataKey', '--limit', '1')).document.entries,
    ).toMatchObject([{ eventName: 'GenerateDataKey', file: join(folder, 'return.txt') }]);
    const before = (await json('audit verify')).document;
    await run(['audit', 'list']);
    expect((await json('audit verify')).document.entries).toBe(before.entries);
    await json('config', 'default-key', 'alias/my-files');
  });

  it('makes clients of the endpoint, lists and revokes them', async () => {
    const policy = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}';
    await writeFile(join(folder, 'policy.json'), policy);
    const { document: made } = await json('clients create', 'backup', '--policy', 'policy.json');
    expect(made.principal).toBe('arn:aws:iam::123456789012:user/backup');
    await json('clients create', 'laptop', '--full-access');
    const { document: revoked } = await json('clients revoke', 'laptop');
    const { document: listed } = await json('clients list');
    expect(listed.clients).toMatchObject([{ name: 'backup', policy }, { revokedAt: revoked.revokedAt }]);
    expect(revoked).toMatchObject({ name: 'laptop', policy: null, revokedAt: expect.any(String) });
    for (const words of [[], ['--policy', 'policy.json', '--full-access']]) {
      expect((await failure('clients', 'create', 'third', ...words)).error.code).toBe('Usage');
    }
  });

  it('ends with the highest exit code that occurred, and with results for all', async () => {
    await writeFile(join(folder, 'a.txt'), 'a');
    await json('encrypt', 'a.txt');
    await writeFile(
      join(folder, 'damaged.keyward'),
      (await readFile(join(folder, 'a.txt.keyward'))).fill(0, 8_200),
    );
    await json('keys disable', 'taxes');
    const { code, document } = await json(
      'verify',
      'missing',
      'return.txt.keyward',
      'damaged.keyward',
      'a.txt.keyward',
    );
    expect(code).toBe(5);
    expect(Object.fromEntries(document.results.map(({ source, error }) => [source, error?.code]))).toEqual({
      [join(folder, 'missing')]: 'SourceNotFound',
      [join(folder, 'return.txt.keyward')]: 'DisabledException',
      [join(folder, 'damaged.keyward')]: 'FileDamaged',
      [join(folder, 'a.txt.keyward')]: undefined,
    });
    expect((await run(['verify', 'return.txt.keyward', 'missing'])).code).toBe(4);
    expect((await run(['encrypt', 'a.txt'])).code).toBe(1);
    expect((await run(['encrypt', 'back'])).code).toBe(2);
    await mkdir(join(folder, 'tree', 'below'), { recursive: true });
    await writeFile(join(folder, 'tree', '.hidden'), '1');
    await writeFile(join(folder, 'tree', 'below', 'b'), '2');
    expect((await json('encrypt', '--each', 'tree')).document.results).toHaveLength(2);
    await mkdir(join(folder, 'nothing'));
    expect((await run(['verify', '--each', 'nothing'])).err).toContain('Nothing was done');
  });

  it('holds no vault in the background whose folder has been removed', async () => {
    const other = join(folder, 'other-home');
    const env = { KEYWARD_HOME: other, KEYWARD_PASSPHRASE_FILE: 'pass' };
    expect((await run(['init', '--recovery-file', 'other-phrase'], { env })).code).toBe(0);
    const { out } = await run(['unlock', '--json'], { env });
    const { pid } = documents.unlock.parse(JSON.parse(out.toString())).owner;
    await rm(other, { recursive: true });
    await expect.poll(() => existsSync(`/proc/${pid}/exe`), { timeout: 15_000 }).toBe(false);
  });

  it('says so when the current folder has been removed', async () => {
    await mkdir(join(folder, 'gone'));
    const words = 'cd gone && rmdir ../gone && exec "$0" "$1" status';
    const { status, stderr } = spawnSync('sh', ['-c', words, process.execPath, BUILT], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toContain('keyward: The folder that this was started in is no longer there.');
  });

  it('pipes, and gives nothing of a damaged input with --buffered', async () => {
    const plain = Buffer.alloc(5 * 1024 * 1024 + 7, 'pipe ');
    const sealed = (await run(['encrypt', '-'], { input: plain })).out;
    expect((await run(['decrypt', '-'], { input: sealed })).out.equals(plain)).toBe(true);
    const cut = sealed.subarray(0, sealed.length - 100_000);
    const flowing = await run(['decrypt', '-'], { input: cut });
    expect(flowing.code).toBe(5);
    expect(flowing.out.equals(plain.subarray(0, flowing.out.length))).toBe(true);
    const buffered = await run(['decrypt', '--buffered', '-'], { input: cut });
    expect([buffered.code, buffered.out.length]).toEqual([5, 0]);
    expect((await run(['decrypt', '--buffered', '-'], { input: sealed })).out.equals(plain)).toBe(true);
    const { child, ended } = start(['decrypt', '-'], { input: sealed });
    child.stdout?.once('data', () => child.stdout?.destroy());
    expect(await ended).toMatchObject({ code: 1, err: '' });
  });

  it('locks within a second while a job runs, and the job leaves nothing behind', async () => {
    await writeFile(join(folder, 'large'), '');
    await truncate(join(folder, 'large'), 4 * 1024 ** 3);
    const job = start(['encrypt', 'large']);
    await until(async () => (await readdir(folder)).some((name) => name.endsWith('.partial')));
    const locked = await run(['lock']);
    expect(locked.out.toString()).toBe('Locked.\n');
    const { code, err } = await job.ended;
    expect(code).toBe(1);
    expect(err).toMatch(/Cancelled|lost/);
    expect((await readdir(folder)).filter((name) => name.startsWith('large'))).toEqual(['large']);
    expect((await json('status')).document.state).toBe('locked');
    expect((await json('lock')).document.already).toBe(true);
  });

  it('opens no inspector when it is told to by SIGUSR1', async () => {
    const job = start(['encrypt', 'large'], WITH);
    await until(async () => (await readdir(folder)).some((name) => name.endsWith('.partial')));
    job.child.kill('SIGUSR1');
    await new Promise((later) => setTimeout(later, 300));
    job.child.kill('SIGINT');
    const { err } = await job.ended;
    expect(err).toContain('Cancelled');
    expect(err).not.toMatch(/Debugger|inspector/i);
  });

  it('serves a second command in the first one, and the first waits for it', async () => {
    const first = start(['encrypt', 'large'], WITH);
    await until(async () => (await readdir(folder)).some((name) => name.endsWith('.partial')));
    const second = await run(['keys', 'list']);
    expect(second.code).toBe(0);
    first.child.kill('SIGINT');
    const { code, err } = await first.ended;
    expect(code).toBe(1);
    expect(err).toContain('Cancelled');
    expect((await readdir(folder)).filter((name) => name.startsWith('large'))).toEqual(['large']);
    const many = await Promise.all(Array.from({ length: 4 }, () => run(['keys', 'list'], WITH)));
    expect(many.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  });

  it('lists what a killed command left, and removes it at the next unlock, and nothing else', async () => {
    await writeFile(join(folder, 'mine.keyward.partial'), 'mine');
    const killed = start(['encrypt', 'large'], WITH);
    const partials = async () => (await readdir(folder)).filter((name) => isPartialName(name));
    await until(async () => (await partials()).length > 0);
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(await partials()).toHaveLength(1);
    // Nobody can say before an unlock whether the record is Keyward's own.
    const [partial] = await partials();
    expect((await run(['status'])).out.toString()).toContain(
      `${partial}, on record; the next unlock looks after it`,
    );
    expect(await partials()).toEqual([partial]);
    await run(['keys', 'list'], WITH);
    const names = await readdir(folder);
    expect(await partials()).toEqual([]);
    expect(names).toContain('mine.keyward.partial');
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (await holds()) return;
    await new Promise((later) => setTimeout(later, 10));
  }
  expect.fail('did not come to pass');
}
