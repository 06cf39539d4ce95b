import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandHome, writeLarge } from '../support/command.ts';

/*
 * Standard input and output that are neither pipe nor file: what can be streamed is streamed whole, the rest is refused
 * by name (pitfall 52). Once by the command alone, once through a process that holds the vault.
 */

const LAUNCHER = join(import.meta.dirname, '../../bin/keyward');
const SIZE = 3 * 1024 * 1024 + 512;

/** An unlock for each command takes its time. */
const OWNED = process.env['KEYWARD_TEST_LEVEL'] === 'quick' ? [true] : [false, true];

describe.skipIf(process.platform !== 'linux').each(OWNED)('with an owner: %s', (owned) => {
  let made: CommandHome;
  const devices: string[] = [];

  beforeAll(async () => {
    made = owned ? await CommandHome.unlocked() : await CommandHome.make();
    writeLarge(at('plain'), SIZE);
    const { status } = shell('"$K" encrypt - <plain >sealed');
    expect(status).toBe(0);
  });
  afterAll(async () => {
    for (const device of devices) spawnSync('losetup', ['-d', device]);
    await made.lockAndEnd();
  });

  const at = (name: string) => join(made.files, name);
  /** Runs a line of bash in the folder of files; `$K` is the command. */
  function shell(line: string): { status: number | null; err: string } {
    const given = owned ? {} : { KEYWARD_PASSPHRASE_FILE: join(made.folder, 'passphrase') };
    const env = { ...made.env, ...given, K: LAUNCHER };
    const run = { cwd: made.files, env, encoding: 'utf8', timeout: 60_000 } as const;
    const { status, stderr } = spawnSync('bash', ['-c', line], run);
    return { status, err: stderr };
  }
  /** A block device of this many bytes. */
  function device(bytes: number): string | undefined {
    const file = at(`disk-${devices.length}`);
    writeFileSync(file, '');
    truncateSync(file, bytes);
    const { status, stdout } = spawnSync('losetup', ['-f', '--show', file], { encoding: 'utf8' });
    if (status !== 0) return undefined;
    devices.push(stdout.trim());
    return stdout.trim();
  }
  const same = (one: string, other: string) => readFileSync(one).equals(readFileSync(other));

  it('streams from and to block devices', (context) => {
    const [from, to] = [device(SIZE), device(SIZE)];
    if (from === undefined || to === undefined) return context.skip('needs loop devices');
    expect(shell(`cat plain >${from} && "$K" encrypt - <${from} >of-device`)).toEqual({ status: 0, err: '' });
    expect(shell(`"$K" decrypt - <of-device >${to}`)).toEqual({ status: 0, err: '' });
    expect(same(to, at('plain'))).toBe(true);
  });

  it('fails on a block device that is too small, by one byte or by much', (context) => {
    for (const bytes of [SIZE - 512, 1024 * 1024]) {
      const to = device(bytes);
      if (to === undefined) return context.skip('needs loop devices');
      const { status, err } = shell(`"$K" decrypt - <sealed >${to}`);
      expect([status, err]).toEqual([1, expect.stringContaining('Could not write')]);
    }
  });

  it('streams from and to files, from where they stand', () => {
    expect(shell('{ head -c 1000 >/dev/null; "$K" encrypt -; } <plain >rest')).toEqual({
      status: 0,
      err: '',
    });
    expect(shell('{ echo before; "$K" decrypt - <rest; } >back')).toEqual({ status: 0, err: '' });
    const whole = readFileSync(at('plain'));
    expect(readFileSync(at('back')).subarray(0, 7).toString()).toBe('before\n');
    const skipped = whole.length - (readFileSync(at('back')).length - 7);
    // head reads ahead in blocks; what is left in the file is what counts.
    expect(readFileSync(at('back')).subarray(7).equals(whole.subarray(skipped))).toBe(true);
    expect(skipped).toBeGreaterThanOrEqual(1000);
    expect(shell('"$K" decrypt - <sealed >>twice; "$K" decrypt - <sealed >>twice').status).toBe(0);
    expect(readFileSync(at('twice')).length).toBe(2 * SIZE);
  });

  it('streams from sockets, and from devices and files without a size', () => {
    const socket = `
import socket, subprocess, sys, os
a, b = socket.socketpair()
child = subprocess.Popen([os.environ['K'], 'encrypt', '-'], stdin=b, stdout=open('of-socket', 'wb'))
b.close(); a.sendall(open('plain', 'rb').read()); a.close()
sys.exit(child.wait())`;
    writeFileSync(at('pair.py'), socket);
    expect(shell('python3 pair.py')).toEqual({ status: 0, err: '' });
    expect(shell('"$K" decrypt - <of-socket >back-1').status).toBe(0);
    expect(same(at('back-1'), at('plain'))).toBe(true);
    expect(
      shell('"$K" encrypt - </sys/kernel/mm/transparent_hugepage/enabled | "$K" decrypt - >back-2').err,
    ).toBe('');
    expect(readFileSync(at('back-2'), 'utf8')).toBe(
      readFileSync('/sys/kernel/mm/transparent_hugepage/enabled', 'utf8'),
    );
    expect(shell('"$K" encrypt - </dev/null | "$K" decrypt - >back-3')).toEqual({ status: 0, err: '' });
    expect(readFileSync(at('back-3')).length).toBe(0);
    expect(shell('timeout -s INT 3 "$K" encrypt - </dev/zero >/dev/null').status).not.toBe(0);
  });

  it.each([
    ['a folder', '"$K" encrypt - </ >out', 'standard input: it is a folder'],
    ['a folder to decrypt', '"$K" decrypt - </ >out', 'standard input: it is a folder'],
    ['a closed input', '"$K" encrypt - <&- >out', 'standard input: it is closed'],
    ['a closed input to keep first', '"$K" decrypt --buffered - <&- >out', 'standard input: it is closed'],
    ['an input open for writing only', '"$K" encrypt - 0>written >out', 'standard input: it is closed, or'],
    ['a closed output', '"$K" encrypt - <plain >&-', 'standard output: it is closed'],
    ['a closed output to decrypt', '"$K" decrypt - <sealed >&-', 'standard output: it is closed'],
    [
      'an output open for reading only',
      '"$K" decrypt - <sealed 1<plain',
      'standard output: it is closed, or',
    ],
    ['a full output', '"$K" decrypt - <sealed >/dev/full', 'the disk is full'],
    ['a closed output of words', '"$K" keys list >&-', 'standard output: it is closed'],
    ['datagrams in', 'python3 grams.py 0 encrypt -', 'standard input: it is a socket that carries no stream'],
    ['datagrams out', 'python3 grams.py 1 decrypt - <sealed', 'standard output: it is a socket'],
    ['words as datagrams', 'python3 grams.py 1 keys list', 'standard output: it is a socket'],
  ])('refuses %s by name', (_what, line, words) => {
    const grams = `
import socket, subprocess, sys, os
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
how = {'stdin': b, 'stdout': open('out', 'wb')} if sys.argv[1] == '0' else {'stdout': b}
sys.exit(subprocess.call([os.environ['K'], *sys.argv[2:]], **how))`;
    writeFileSync(at('grams.py'), grams);
    const { status, err } = shell(line);
    expect([status, err]).toEqual([1, expect.stringContaining(words)]);
    if (existsSync(at('written'))) expect(readFileSync(at('written')).length).toBe(0);
    rmSync(at('out'), { force: true });
  });

  it('takes no file for whole that is cut while it is read', () => {
    writeLarge(at('long'), 60 * 1024 * 1024);
    // What takes the output waits until the file is cut.
    const reader = '{ head -c 100000 >/dev/null; truncate -s 50000000 long; cat >/dev/null; }';
    const { status, err } = shell(`"$K" encrypt - <long | ${reader}; exit "\${PIPESTATUS[0]}"`);
    expect([status, err]).toEqual([1, expect.stringContaining('was cut to 50000000 of 62914560 bytes')]);
    rmSync(at('long'));
  });

  it.each([
    ['first byte, its time put back', 'printf x | dd of=long conv=notrunc status=none; touch -r plain long'],
    ['end', 'printf more >>long'],
  ])('takes no file for whole that is written into while it is read: %s (pitfall 53)', (_where, change) => {
    writeLarge(at('long'), 60 * 1024 * 1024);
    expect(shell('touch -r plain long').status).toBe(0);
    const reader = `{ head -c 100000 >/dev/null; ${change}; cat >/dev/null; }`;
    const { status, err } = shell(`"$K" encrypt - <long | ${reader}; exit "\${PIPESTATUS[0]}"`);
    expect([status, err]).toEqual([1, expect.stringContaining('was changed while it was being read')]);
    rmSync(at('long'));
  });
});
