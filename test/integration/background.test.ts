import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandHome } from '../support/command.ts';

/* What a background owner keeps of the process that started it: nothing that it was not given (pitfall 61). */

const LAUNCHER = join(import.meta.dirname, '../../bin/keyward');
let made: CommandHome;
let pid: number;
let work: string;

beforeAll(async () => {
  made = await CommandHome.make();
  work = join(made.folder, 'work');
  mkdirSync(work);
  // Descriptors low, high and far apart, one of them with a lock, in a folder of its own.
  const script = `
    exec 3<"$PWD" 9>nine 19>nineteen 200>lock 201<>both
    flock -n 200 || exit 9
    "$0" unlock --json "$@"`;
  const { stdout, status } = spawnSync('bash', ['-c', script, LAUNCHER, ...made.unlocking], {
    cwd: work,
    encoding: 'utf8',
    env: {
      ...made.env,
      A_SECRET: 'of the caller',
      AWS_SECRET_ACCESS_KEY: 'of the caller',
      LC_ALL: 'C.UTF-8',
    },
  });
  expect(status).toBe(0);
  pid = (JSON.parse(stdout) as { owner: { pid: number } }).owner.pid;
});
afterAll(() => made.lockAndEnd());

describe.skipIf(process.platform !== 'linux')('a background owner', () => {
  it("holds no lock of its caller's", () => {
    const { status } = spawnSync('flock', ['-n', join(work, 'lock'), 'true']);
    expect(status).toBe(0);
  });

  it('has nothing open but what is its own', () => {
    const open = readdirSync(`/proc/${pid}/fd`).map((name) => readlinkSync(`/proc/${pid}/fd/${name}`));
    expect(open.filter((path) => path.startsWith(realpathSync(work)))).toEqual([]);
    const files = open.filter((path) => path.startsWith('/') && !path.startsWith('/dev/'));
    expect(files.filter((path) => !path.startsWith(realpathSync(made.home)))).toEqual([]);
    expect(files.length).toBeGreaterThan(0);
  });

  it('stands in the root folder, without a terminal, in a session and group of its own', () => {
    expect(readlinkSync(`/proc/${pid}/cwd`)).toBe('/');
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const [, , group, session, terminal] = stat.map(Number);
    expect({ group, session, terminal }).toEqual({ group: pid, session: pid, terminal: 0 });
  });

  it('has no more of the environment than it needs', () => {
    const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .map((each) => each.split('=')[0]);
    expect(names).not.toContain('A_SECRET');
    expect(names).not.toContain('AWS_SECRET_ACCESS_KEY');
    expect(names).not.toContain('PWD');
    expect(names).toEqual(expect.arrayContaining(['KEYWARD_HOME', 'PATH', 'LC_ALL']));
  });

  it('goes on when its caller is gone', async () => {
    expect((await made.run(['keys', 'list'])).code).toBe(0);
  });
});
