import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandHome } from '../support/command.ts';

/*
 * Who holds a vault is named and ended by its user's commands, whatever changed around it: pitfalls 60 and 71.
 */

let made: CommandHome;
let pid: number | undefined;

beforeEach(async () => {
  made = await CommandHome.make();
});
afterEach(() => {
  if (pid !== undefined && existsSync(`/proc/${pid}/exe`)) process.kill(pid, 'SIGKILL');
  made.end();
});

/** Runs the command with more in its environment; gives its one document. */
function run(words: string[], env: NodeJS.ProcessEnv = {}): { [name: string]: unknown } {
  const file = join(import.meta.dirname, '../../bin/keyward');
  const run = { cwd: made.folder, encoding: 'utf8', env: { ...made.env, ...env }, timeout: 40_000 } as const;
  return JSON.parse(spawnSync(file, [...words, '--json'], run).stdout) as { [name: string]: unknown };
}
function unlock(env: NodeJS.ProcessEnv = {}): void {
  ({ pid } = run(['unlock', ...made.unlocking], env)['owner'] as { pid: number });
}
const gone = () => expect.poll(() => existsSync(`/proc/${pid}/exe`), { timeout: 10_000 }).toBe(false);
const folder = (name: string) => {
  mkdirSync(join(made.folder, name), { recursive: true });
  return join(made.folder, name);
};

describe.skipIf(process.platform !== 'linux')('an owner', () => {
  it('of a home with a long path is found whatever TMPDIR is, and by another name of the home', async () => {
    const long = join(made.folder, 'x'.repeat(100), 'home');
    mkdirSync(join(long, '..'));
    spawnSync('mv', [made.home, long]);
    symlinkSync(join(long, '..'), join(made.folder, 'short'));
    const [a, b] = [folder('a'), folder('b')];
    unlock({ KEYWARD_HOME: long, TMPDIR: a });
    for (const home of [long, join(made.folder, 'short/home')]) {
      const env = { KEYWARD_HOME: home, TMPDIR: b, XDG_RUNTIME_DIR: b };
      expect(run(['status'], env)).toMatchObject({ state: 'unlocked', owner: { pid } });
      expect(run(['keys', 'list'], env)).toMatchObject({ ok: true });
    }
    expect(run(['lock'], { KEYWARD_HOME: long, TMPDIR: b })).toMatchObject({ ok: true, already: false });
    await gone();
    // The other way round: unlocked by the short name, whose socket lies in the home.
    unlock({ KEYWARD_HOME: join(made.folder, 'short/home') });
    expect(run(['lock'], { KEYWARD_HOME: long, TMPDIR: b })).toMatchObject({ ok: true, already: false });
    expect(readdirSync(b)).toEqual([]);
  });

  it('whose socket was removed is named and ended', async () => {
    unlock();
    rmSync(join(made.home, 'run/owner.sock'));
    const { stderr } = spawnSync(join(import.meta.dirname, '../../bin/keyward'), ['status'], {
      encoding: 'utf8',
      env: made.env,
    });
    expect(stderr).toContain(`Process ${pid} has the vault and can't be reached`);
    expect(run(['keys', 'list', ...made.unlocking])).toMatchObject({
      error: { code: 'OwnerBusy', message: expect.stringContaining(`(${pid})`) },
    });
    expect(run(['lock'])).toMatchObject({ ok: true, already: false });
    await gone();
    expect(run(['keys', 'list', ...made.unlocking])).toMatchObject({ ok: true });
  });

  it('is named and ended by its own word where the kernel does not tell of locks', async ({ skip }) => {
    const untold = ['-m', 'sh', '-c', 'mount --bind /dev/null /proc/locks && exec "$0" "$@"'];
    if (spawnSync('unshare', [...untold, 'true']).status !== 0)
      return skip('needs the right to mount in a namespace of its own (root) and unshare');
    const program = join(import.meta.dirname, '../../bin/keyward');
    const blind = (...words: string[]) =>
      spawnSync('unshare', [...untold, program, ...words], { encoding: 'utf8', env: made.env });
    unlock();
    rmSync(join(made.home, 'run/owner.sock'));
    expect(blind('status').stderr).toContain(`Process ${pid} has the vault and can't be reached`);
    expect(blind('lock').stdout).toBe('Locked.\n');
    await gone();
    // What it wrote down stands, since it was killed, and tells of nobody.
    writeFileSync(join(made.home, 'run/owner-record'), `${process.pid}\n${made.home}/run/owner.sock`);
    expect(blind('status').stderr).toBe('');
    expect(blind('keys', 'list', ...made.unlocking).status).toBe(0);
  });

  it('that was stopped is ended', () => {
    unlock();
    process.kill(pid ?? 0, 'SIGSTOP');
    expect(run(['lock'])).toMatchObject({ ok: true, already: false });
    expect(run(['status'])).toMatchObject({ state: 'locked' });
  });

  it('of another version is named, and ended by lock', async () => {
    const other = `
      import Database from 'better-sqlite3';
      import { createServer } from 'node:net';
      const [, home] = process.argv;
      const db = new Database(home + '/run/owner.lock'); db.exec('BEGIN EXCLUSIVE'); globalThis.db = db;
      const hello = JSON.stringify({ keyward: 1, pid: process.pid, kind: 'background' });
      createServer((s) => s.on('error', () => 0).end(hello + '\\n')).listen(home + '/run/owner.sock');`;
    const words = ['--input-type=module', '-e', other, made.home];
    const old = spawn(process.execPath, words, { cwd: join(import.meta.dirname, '../..'), stdio: 'ignore' });
    pid = old.pid;
    await expect.poll(() => existsSync(join(made.home, 'run/owner.sock')), { timeout: 20_000 }).toBe(true);
    expect(run(['keys', 'list'])).toMatchObject({
      error: { code: 'OwnerUnreachable', reason: 'holder-of-another-version' },
    });
    const locked = run(['lock']);
    expect(locked, JSON.stringify(locked)).toMatchObject({ ok: true, already: false });
    expect(run(['status'])).toMatchObject({ state: 'locked' });
  });
});
