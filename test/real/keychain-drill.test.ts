import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';

/* What can happen to a keychain while a vault relies on it: each has its answer, and the passphrase opens meanwhile. */

const missing = ['dbus-run-session', 'gnome-keyring-daemon'].filter(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
);
const keyward = resolve(import.meta.dirname, '../../bin/keyward');
const folder = mkdtempSync(join(tmpdir(), 'keyward-keychain-drill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Deletes the vault's item from the keychain, as a user does with its manager. */
const forget = join(folder, 'forget.cjs');
writeFileSync(
  forget,
  `const keytar = require(${JSON.stringify(resolve(import.meta.dirname, '../../node_modules/keytar'))});
  keytar.findCredentials('Keyward').then((all) =>
    Promise.all(all.map(({ account }) => keytar.deletePassword('Keyward', account))));`,
);

type Step = { readonly code: number; readonly error?: { readonly code: string; readonly message: string } };

/**
 * Runs a script on a session bus with a keyring that `password` unlocks, in a home of its own. In it `kw NAME WORDS`
 * runs the command and keeps what it answers; gives all answers by their names.
 */
function drill(name: string, password: string, text: string): { readonly [step: string]: Step } {
  const place = join(folder, name);
  for (const below of ['answers', 'run']) mkdirSync(join(place, below), { recursive: true, mode: 0o700 });
  writeFileSync(join(place, 'passphrase'), 'a passphrase for tests\n', { mode: 0o600 });
  const script = `
    start() { printf '%s' '${password}' | gnome-keyring-daemon --unlock --foreground --components=secrets >/dev/null 2>&1 & daemon=$!
      i=0; while [ $i -lt 50 ] && ! [ -S "$XDG_RUNTIME_DIR/keyring/control" ]; do sleep 0.1; i=$((i+1)); done; }
    kw() { step=$1; shift; "$KW" "$@" --json > answers/$step.json 2> answers/$step.err < /dev/null; echo $? > answers/$step.code; }
    with='--passphrase-file passphrase'
    start
    ${text}
    kill $daemon 2>/dev/null; kw last lock; rm -rf "$XDG_RUNTIME_DIR/keyring"`;
  const env = {
    PATH: process.env['PATH'],
    HOME: place,
    XDG_RUNTIME_DIR: join(place, 'run'),
    KEYWARD_HOME: join(place, 'home'),
    KW: keyward,
    NODE: process.execPath,
  };
  const ran = spawnSync('dbus-run-session', ['--', 'sh', '-c', script], {
    ...{ env, cwd: place, encoding: 'utf8', input: '', timeout: 120_000 },
  });
  const steps = [...text.matchAll(/kw (\w+)/g)].map(([, step = '']) => step);
  return Object.fromEntries(
    steps.map((step) => {
      const read = (ending: string) => readFileSync(join(place, 'answers', `${step}.${ending}`), 'utf8');
      const out = read('json');
      if (out === '') throw new Error(`${step}: ${read('err')}${ran.stderr}`);
      const { error } = JSON.parse(out) as Pick<Step, 'error'>;
      return [step, { code: Number(read('code')), ...(error === undefined ? {} : { error }) }];
    }),
  );
}

const INIT = 'kw init init --keychain --recovery-file recovery $with';

/** Each says a way in, and none offers to delete anything (pitfall 37). */
function expectWayIn({ error }: Step = { code: 0 }): void {
  expect(error?.message).toMatch(/passphrase or the recovery phrase/);
  expect(error?.message).not.toMatch(/delete|remove|reset/i);
}

describe('a vault that relies on a real gnome-keyring', () => {
  beforeEach(({ skip }) =>
    skip(missing.length > 0, `the keychain's drill: not installed: ${missing.join(', ')}`),
  );

  it('whose item is deleted in the middle: the open vault goes on, the passphrase opens, and the item can be made anew', () => {
    const steps = drill(
      'deleted',
      'secret',
      `${INIT}
      kw unlock unlock
      "$NODE" ${forget}
      kw open keys list
      kw lock lock
      kw gone keys list
      kw typed keys list $with
      kw anew protectors replace keychain $with
      kw again keys list`,
    );
    for (const step of ['init', 'unlock', 'open', 'lock', 'typed', 'anew', 'again']) {
      expect(steps[step], step).toEqual({ code: 0 });
    }
    expect(steps['gone']).toMatchObject({ code: 3, error: { code: 'ProtectorMissing' } });
    expectWayIn(steps['gone']);
  });

  it('whose daemon is killed in the middle: the open vault goes on and can be locked, the passphrase opens', () => {
    const steps = drill(
      'killed',
      'secret',
      `${INIT}
      kw unlock unlock
      kill -9 $daemon; sleep 0.5
      kw open keys list
      kw replace protectors replace keychain $with
      kw kept protectors list
      kw lock lock
      kw gone keys list
      kw typed keys list $with
      kw remove protectors remove keychain $with
      kw quiet keys list`,
    );
    for (const step of ['init', 'unlock', 'open', 'kept', 'lock', 'typed', 'remove']) {
      expect(steps[step], step).toEqual({ code: 0 });
    }
    for (const step of ['replace', 'gone']) {
      expect(steps[step], step).toMatchObject({ code: 3, error: { code: 'KeychainUnavailable' } });
      expect(steps[step]?.error?.message).toMatch(/recovery phrase/);
      expect(steps[step]?.error?.message).not.toMatch(/delete|remove|reset/i);
    }
    // Once it is no way in any more, nobody is asked about it.
    expect(steps['quiet']).toMatchObject({ code: 3, error: { code: 'VaultLocked' } });
  });

  it('that has a blank password', () => {
    const steps = drill(
      'blank',
      '\\n',
      `${INIT}\nkw list keys list\nkw change protectors replace keychain $with\nkw again keys list`,
    );
    for (const step of ['init', 'list', 'change', 'again']) expect(steps[step], step).toEqual({ code: 0 });
  });
});
