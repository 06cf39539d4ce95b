import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';

const missing = ['dbus-run-session', 'gnome-keyring-daemon'].filter(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
);
const why = `the real keychain: not installed: ${missing.join(', ')}`;

const home = mkdtempSync(join(tmpdir(), 'keyward-keychain-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

type Answer = { readonly answer: unknown; readonly ms: number };

/** The variables of a desktop that has nothing but what the test gives it. */
function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  mkdirSync(join(home, 'run'), { recursive: true, mode: 0o700 });
  return {
    PATH: process.env['PATH'],
    HOME: home,
    XDG_RUNTIME_DIR: join(home, 'run'),
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CACHE_HOME: join(home, 'cache'),
    ...more,
  };
}

async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Answer> {
  const { stdout } = await promisify(execFile)(command, [...args], { env, timeout: 30_000 });
  const line = stdout.split('\n').find((each) => each.startsWith('{'));
  return JSON.parse(line ?? '{}') as Answer;
}

/** Runs the child behind a keyring daemon started like this, on a session bus of its own; the daemon ends with it. */
async function withKeyring(start: string, what: 'round-trip' | 'ask'): Promise<Answer> {
  const child = join(import.meta.dirname, 'keychain.child.ts');
  const script = `${start} & daemon=$!; i=0
    while [ $i -lt 50 ] && ! [ -S "$XDG_RUNTIME_DIR/keyring/control" ]; do sleep 0.1; i=$((i + 1)); done
    "$0" "$@"; status=$?; kill $daemon; wait $daemon; rm -rf "$XDG_RUNTIME_DIR/keyring"; exit $status`;
  return run('dbus-run-session', ['--', 'sh', '-c', script, process.execPath, child, what], environment());
}

const UNLOCKED =
  'printf secret | gnome-keyring-daemon --unlock --foreground --components=secrets >/dev/null 2>&1';
const LOCKED = 'gnome-keyring-daemon --foreground --components=secrets >/dev/null 2>&1';

describe('a real gnome-keyring', () => {
  beforeEach(({ skip }) => skip(missing.length > 0, why));

  it('unlocks a vault without a passphrase', async () => {
    const { answer, ms } = await withKeyring(UNLOCKED, 'round-trip');
    expect(answer).toEqual({ same: true, other: null });
    expect(ms).toBeLessThan(3_000);
  });

  it('still has the secret after the session has ended', async () => {
    const { answer } = await withKeyring(UNLOCKED, 'ask');
    expect(answer).toEqual({ secret: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/) });
  });

  it('says that it is locked, and never offers to delete anything (pitfall 37)', async () => {
    const { answer, ms } = await withKeyring(LOCKED, 'ask');
    expect(answer).toMatchObject({ code: 'KeychainUnavailable', details: { reason: 'locked' } });
    expect(ms).toBeLessThan(3_500);
  });
});

describe('a desktop without a keyring (pitfall 35)', () => {
  beforeEach(({ skip }) => skip(missing.length > 0, why));

  const child = join(import.meta.dirname, 'keychain.child.ts');

  it('says that there is no session bus', async () => {
    for (const bus of [{}, { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' }]) {
      const { answer, ms } = await run(process.execPath, [child, 'ask'], environment(bus));
      expect(answer).toMatchObject({ code: 'KeychainUnavailable', details: { reason: 'no-bus' } });
      expect(ms).toBeLessThan(2_000);
    }
  });

  it('says that no service answers on the bus', async () => {
    const { answer, ms } = await onBareBus('<allow eavesdrop="true"/>');
    expect(answer).toMatchObject({ code: 'KeychainUnavailable', details: { reason: 'no-service' } });
    expect(ms).toBeLessThan(2_000);
  });

  it('says that it does not answer in time, and the process still ends at once', async () => {
    // Without leave to receive, the question is never answered, not even with an error.
    const start = performance.now();
    const { answer } = await onBareBus('');
    expect(answer).toMatchObject({ code: 'KeychainUnavailable', details: { reason: 'timeout' } });
    expect(performance.now() - start).toBeLessThan(6_000);
  });

  /** Asks on a session bus that starts no services. */
  async function onBareBus(rule: string): Promise<Answer> {
    const config = join(home, 'bus.conf');
    writeFileSync(
      config,
      `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
       "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
       <busconfig><type>session</type><listen>unix:tmpdir=${home}</listen>
       <policy context="default"><allow send_destination="*"/>${rule}<allow own="*"/></policy></busconfig>`,
    );
    const args = ['--config-file', config, '--', process.execPath, child, 'ask'];
    return run('dbus-run-session', args, environment());
  }
});
