import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { documents } from '../../src/cli/json-documents.ts';
import { CommandHome } from '../support/command.ts';

let home: CommandHome;
beforeAll(async () => {
  home = await CommandHome.unlocked();
});
afterAll(() => home.lockAndEnd());

const path = (name: string) => join(home.folder, name);
const old = () => ['--passphrase-file', path('passphrase')];
const paper = () => ['--recovery-file', home.recovery];

async function run(...words: string[]) {
  const { code, out } = await home.run(words);
  return { code, json: JSON.parse(out) as { error?: { code: string } } };
}

async function kinds(): Promise<string[]> {
  const { json } = await run('protectors', 'list', ...paper());
  return documents['protectors list'].parse(json).protectors.map(({ kind }) => kind);
}

/* What is refused by the vault itself stands in test/unit/api/protectors.test.ts; here it is what the command adds. */

it('protectors refuse what they can’t do before anything is asked', async () => {
  const cases: [number, string[]][] = [
    [1, ['add', 'passphrase', '--new-passphrase-file', path('passphrase')]],
    [2, ['replace', 'passphrase', '--new-recovery-file', path('paper')]],
    [2, ['replace', 'recovery-phrase']],
    [2, ['revoke', 'recovery-phrase']],
    [2, ['remove', 'fingerprint']],
    [4, ['remove', 'passphrase']],
  ];
  for (const [code, words] of cases) {
    expect((await run('protectors', ...words, ...old())).code, words.join(' ')).toBe(code);
  }
  expect(await kinds()).toEqual(['passphrase', 'recovery-phrase']);
});

it('a phrase is replaced by one in a file of the user’s alone; where that is refused there is no file', async () => {
  writeFileSync(path('wrong'), 'wrong');
  const words = ['protectors', 'replace', 'recovery-phrase', '--new-recovery-file'];
  expect((await run(...words, path('paper'), '--passphrase-file', path('wrong'))).code).toBe(3);
  expect(existsSync(path('paper'))).toBe(false);
  expect((await run(...words, join(home.home, 'paper'), ...old())).json.error?.code).toBe('TargetInVault');
  const { code, json } = await run(...words, path('paper'), ...old());
  expect(code).toBe(0);
  expect(documents['protectors replace'].parse(json).recoveryFile).toBe(path('paper'));
  expect(statSync(path('paper')).mode & 0o777).toBe(0o600);
  expect(readFileSync(path('paper'), 'utf8').trim().split(/\s+/)).toHaveLength(24);
  expect((await run('step-up', ...paper())).json.error?.code).toBe('WrongRecoveryPhrase');
  expect((await run('step-up', '--recovery-file', path('paper'))).code).toBe(0);
});

it('passphrase change asks for the old one while the vault is open, and the new one holds after a lock', async () => {
  writeFileSync(path('new'), 'a new passphrase for tests\n');
  const change = ['passphrase', 'change', '--new-passphrase-file', path('new')];
  expect((await run(...change)).json.error?.code).toBe('VaultLocked');
  expect((await run(...change, '--passphrase-file', path('new'))).json.error?.code).toBe('WrongPassphrase');
  const { code, json } = await run(...change, ...old());
  expect(code).toBe(0);
  documents['passphrase change'].parse(json);
  await run('lock');
  expect((await run('keys', 'list', ...old())).json.error?.code).toBe('WrongPassphrase');
  expect((await run('keys', 'list', '--passphrase-file', path('new'))).code).toBe(0);
});
