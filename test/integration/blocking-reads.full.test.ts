import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandHome } from '../support/command.ts';

/*
 * Every wait of the command is ended by one signal: pitfall 66. Each case waits for what never comes.
 */

const LAUNCHER = join(import.meta.dirname, '../../bin/keyward');
let made: CommandHome;
let fifo: string;

beforeAll(async () => {
  made = await CommandHome.make();
  fifo = join(made.folder, 'fifo');
  spawnSync('mkfifo', [fifo]);
});
afterAll(() => made.lockAndEnd());

/** Whether a process has come to where it listens to SIGHUP, which Node alone does not (proc_pid_status(5)). */
function heeds(pid: number | undefined): boolean {
  const [, caught = '0'] = /^SigCgt:\s*([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (BigInt(`0x${caught}`) & 1n) !== 0n;
}

/** Starts the command and gives it a moment to come to where it waits. */
async function waiting(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<ChildProcess> {
  const child = spawn(LAUNCHER, words, {
    cwd: made.folder,
    env: { ...made.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdout?.resume();
  child.stderr?.resume();
  await expect.poll(() => heeds(child.pid), { timeout: 20_000 }).toBe(true);
  await new Promise((later) => setTimeout(later, 500));
  expect(child.exitCode).toBeNull();
  return child;
}

/** The id of the command that runs below a process: others of its kind may run on the machine. */
function commandBelow(ancestor: number): number {
  const all = spawnSync('ps', ['-e', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).stdout;
  const rows = [...all.matchAll(/^\s*(\d+)\s+(\d+)\s+(.*)$/gm)];
  const below = new Set([ancestor]);
  // A process is listed behind the one that started it but for numbers that began anew: a few rounds find all.
  for (let round = 0; round < 4; round++) {
    for (const [, pid, parent] of rows) if (below.has(Number(parent))) below.add(Number(pid));
  }
  const found = rows.find(
    ([, pid, , words = '']) => below.has(Number(pid)) && words.includes('cli.js') && !words.includes('sh -c'),
  );
  if (found === undefined) throw new Error('no command runs there');
  return Number(found[1]);
}

/** Sends one signal; resolves to the exit code. A process that ignores it is killed, and the test fails. */
async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const over = new Promise<number | null>((done) => child.once('close', done));
  const kill = setTimeout(() => child.kill('SIGKILL'), 8_000);
  child.kill(signal);
  const code = await over;
  clearTimeout(kill);
  return code;
}

describe.skipIf(process.platform !== 'linux')('a wait', () => {
  const onFifo: [string, () => string[]][] = [
    ['a passphrase', () => ['keys', 'list', '--passphrase-file', fifo]],
    ['a recovery phrase', () => ['keys', 'list', '--recovery-file', fifo]],
    ['the passphrase of a background owner', () => ['unlock', '--passphrase-file', fifo]],
    ['a keyring', () => ['decrypt', '--keyring', fifo, 'x']],
    ['a policy', () => ['clients', 'create', 'c', '--policy', fifo]],
    ['a blob', () => ['kms', 'encrypt', '--key-id', 'alias/my-files', '--plaintext', `fileb://${fifo}`]],
    ['bytes to encrypt', () => ['encrypt', '-', ...made.unlocking]],
    ['bytes to decrypt', () => ['decrypt', '-', ...made.unlocking]],
    ['bytes to keep first', () => ['decrypt', '--buffered', '-', ...made.unlocking]],
  ];
  it.each(onFifo)('for %s ends by one signal', async (_what, words) => {
    const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
    // One after the other: of several at once, one would hold the vault for the rest, and take it away with it.
    const codes: (number | null)[] = [];
    for (const signal of signals) codes.push(await ended(await waiting(words()), signal));
    expect(codes).toEqual([1, 1, 1]);
  });

  it('for the passphrase of a new vault ends by one signal, and makes none', async () => {
    const env = { KEYWARD_HOME: join(made.folder, 'none') };
    const words = ['init', '--passphrase-file', fifo, '--recovery-file', join(made.folder, 'never')];
    expect(await ended(await waiting(words, env), 'SIGTERM')).toBe(1);
    expect(readdirSync(made.folder)).not.toContain('never');
    expect(existsSync(env.KEYWARD_HOME)).toBe(false);
  });

  it('for the bytes of a pipe that stays open ends while another process holds the vault', async () => {
    expect((await made.run(['unlock', ...made.unlocking])).code).toBe(0);
    for (const words of [
      ['encrypt', '-'],
      ['decrypt', '-'],
      ['decrypt', '--buffered', '-'],
    ]) {
      expect(await ended(await waiting(words), 'SIGTERM')).toBe(1);
    }
    await made.run(['lock']);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'at a prompt ends by %s, the terminal as it was',
    async (signal) => {
      const script = `${LAUNCHER} keys list; echo ended $?; stty -a | grep -o -- '-\\?icanon'`;
      const child = spawn('script', ['-qec', script, '/dev/null'], {
        env: { ...made.env, SHELL: '/bin/sh' },
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      let said = '';
      child.stdout.on('data', (chunk) => {
        said += String(chunk);
      });
      await expect.poll(() => said, { timeout: 10_000 }).toContain('Passphrase:');
      const over = new Promise((done) => child.once('close', done));
      process.kill(commandBelow(child.pid ?? 0), signal);
      const kill = setTimeout(() => child.kill('SIGKILL'), 8_000);
      await over;
      clearTimeout(kill);
      expect(said).toMatch(/ended 1\r?\n/);
      expect(said).toMatch(/(^|[^-])icanon/);
    },
  );

  it('for an owner that was stopped ends by one signal', async () => {
    const { out } = await made.run(['unlock', ...made.unlocking]);
    const { pid } = (JSON.parse(out) as { owner: { pid: number } }).owner;
    process.kill(pid, 'SIGSTOP');
    try {
      const all = [['keys', 'list'], ['status'], ['unlock'], ['encrypt', '-']];
      const codes = all.map(async (words) => ended(await waiting(words), 'SIGTERM'));
      expect(await Promise.all(codes)).toEqual([1, 1, 1, 1]);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await made.run(['lock']);
  });

  it('for a home that another process has ends by one signal', async () => {
    const claim = `
      import Database from 'better-sqlite3';
      const db = new Database(process.argv[1]); db.exec('BEGIN EXCLUSIVE'); console.log('has it');
      setInterval(() => undefined, 1000);`;
    const words = ['--input-type=module', '-e', claim, join(made.home, 'run/owner.lock')];
    const other = spawn(process.execPath, words, { cwd: join(import.meta.dirname, '../..') });
    try {
      await new Promise((ready) => other.stdout.once('data', ready));
      for (const asked of [['keys', 'list', ...made.unlocking], ['unlock', ...made.unlocking], ['lock']]) {
        expect(await ended(await waiting(asked), 'SIGTERM'), asked.join(' ')).toBe(1);
      }
    } finally {
      other.kill('SIGKILL');
    }
    expect(readFileSync(join(made.home, 'run/owner.lock')).length).toBe(0);
  });
});
