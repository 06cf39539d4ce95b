import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';

const missing = ['dbus-run-session', 'gnome-keyring-daemon'].filter(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
);
const keyward = join(import.meta.dirname, '../../bin/keyward');
const folder = mkdtempSync(join(tmpdir(), 'keyward-keychain-command-'));
const files = join(folder, 'files');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a shell script, on a session bus with an unlocked keyring or without any of that. */
function script(text: string, keyring: boolean) {
  mkdirSync(files, { recursive: true });
  mkdirSync(join(folder, 'run'), { recursive: true, mode: 0o700 });
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    XDG_RUNTIME_DIR: join(folder, 'run'),
    KEYWARD_HOME: join(folder, 'home'),
  };
  const begin = `printf secret | gnome-keyring-daemon --unlock --foreground --components=secrets >/dev/null 2>&1 &
    daemon=$!; i=0; while [ $i -lt 50 ] && ! [ -S "$XDG_RUNTIME_DIR/keyring/control" ]; do sleep 0.1; i=$((i+1)); done`;
  const whole = keyring
    ? `${begin}\n${text}\nstatus=$?; kill $daemon; wait $daemon; rm -rf "$XDG_RUNTIME_DIR/keyring"; exit $status`
    : text;
  const [command, args] = keyring
    ? ['dbus-run-session', ['--', 'sh', '-c', whole, keyward]]
    : ['sh', ['-c', whole, keyward]];
  return spawnSync(command, args, { env, cwd: files, encoding: 'utf8', input: '', timeout: 60_000 });
}

describe('the command with a real gnome-keyring', () => {
  beforeEach(({ skip }) =>
    skip(missing.length > 0, `the command with a real keychain: not installed: ${missing.join(', ')}`),
  );

  it('makes a vault and then needs no passphrase', () => {
    writeFileSync(join(folder, 'passphrase'), 'a passphrase for tests\n');
    const made = script(
      `"$0" init --keychain --passphrase-file ../passphrase --recovery-file ../recovery
       echo precious > Will.txt && "$0" encrypt Will.txt && rm Will.txt && "$0" decrypt Will.txt.keyward &&
       "$0" audit list --event Unlock --limit 1 --json > ../unlock.json`,
      true,
    );
    expect(made.status, made.stderr).toBe(0);
    expect(readFileSync(join(files, 'Will.txt'), 'utf8')).toBe('precious\n');
    const { entries } = JSON.parse(readFileSync(join(folder, 'unlock.json'), 'utf8')) as {
      entries: { requestParameters: unknown }[];
    };
    expect(entries[0]?.requestParameters).toMatchObject({ with: 'keychain' });
  });

  it('opens with the passphrase or the phrase when the keychain is gone, and says why it is', () => {
    const gone = script('"$0" keys list --json', false);
    expect(gone.status).toBe(3);
    expect(JSON.parse(gone.stdout)).toMatchObject({
      ok: false,
      error: { code: 'KeychainUnavailable', details: { reason: 'no-bus' } },
    });
    for (const source of ['--passphrase-file ../passphrase', '--recovery-file ../recovery']) {
      expect(script(`"$0" verify Will.txt.keyward ${source}`, false).status).toBe(0);
    }
  });

  it('is not asked before a key is needed (pitfall 38)', () => {
    const quiet = script('"$0" status --json && "$0" inspect Will.txt.keyward --json', false);
    expect(quiet.status, quiet.stderr).toBe(0);
  });
});
