import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { documents } from '../../src/cli/json-documents.ts';
import { BUILT, CommandHome, type Ended } from '../support/command.ts';

/* The command around the loss of a vault. What is done here is done in turn, to one vault. */

let home: CommandHome;
let next: CommandHome;
let stick: string;
let disk: string;
beforeAll(() => {
  home = CommandHome.prepare();
  next = CommandHome.prepare();
  [stick, disk] = [join(home.folder, 'stick'), join(home.folder, 'disk')];
  for (const folder of [stick, disk]) mkdirSync(folder);
});
afterAll(async () => {
  await home.lockAndEnd();
  next.end();
});

const BRING_BACK = 'or bring yours back: keyward backup restore FOLDER';
const createWords = (...more: string[]) => told(home, ['backup', 'create', ...more, ...home.unlocking]);
const create = (...more: string[]) => home.run(['backup', 'create', ...more, ...home.unlocking]);
const failure = ({ out }: Ended) => JSON.parse(out).error as { code: string; message: string };

/** What the command says in words. */
function told(of: CommandHome, words: readonly string[]) {
  const options = { env: of.env, input: '', encoding: 'utf8' as const };
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUILT, ...words], options);
  return { code: status, out: stdout, err: stderr };
}

async function done(of: CommandHome, words: readonly string[]): Promise<Ended> {
  const ended = await of.run(words);
  if (ended.code !== 0) throw new Error(`keyward ${words.join(' ')}: ${ended.out}${ended.err}`);
  return ended;
}

async function made(ended: Promise<Ended>) {
  const { backups, ...rest } = documents['backup create'].parse(JSON.parse((await ended).out));
  return { ...rest, folders: backups.map(({ folder }) => folder), backups };
}

it('says, where there is no vault, how to bring one back', async () => {
  const passphrase = ['--passphrase-file', join(home.folder, 'passphrase')];
  expect(told(home, ['keys', 'list', ...passphrase]).err).toContain(BRING_BACK);
  expect(told(home, ['status']).out).toContain(BRING_BACK);
  await done(home, ['init', ...passphrase, '--recovery-file', home.recovery]);
  expect(told(home, ['status']).out).not.toContain(BRING_BACK);
  await done(home, ['unlock', ...home.unlocking]);
});

it('makes a backup in each folder that gets them, and asks for one where none does', async () => {
  const nowhere = failure(await create());
  expect(nowhere).toMatchObject({ code: 'Usage' });
  expect(nowhere.message).toMatch(/--to FOLDER.*keyward backup folders add FOLDER/);
  await done(home, ['backup', 'folders', 'add', stick, ...home.unlocking]);
  expect(await made(create())).toMatchObject({ ok: true, folders: [stick], away: [], failed: [] });
  await done(home, ['backup', 'folders', 'add', disk, ...home.unlocking]);
  const { out } = createWords();
  for (const folder of [stick, disk]) expect(out).toContain(`read back: ${folder}`);
  expect(await made(create('--to', disk))).toMatchObject({ folders: [disk] });
});

it('tells of folders that are away, and of one that takes none, and goes on with the others', async () => {
  renameSync(disk, `${disk}.away`);
  expect(createWords().err).toContain(disk);
  expect(await made(create())).toMatchObject({ ok: true, folders: [stick], away: [disk] });
  writeFileSync(disk, '');
  const { err } = createWords();
  expect(err).toContain(`${disk} is a file`);
  const partly = await made(create());
  expect(partly).toMatchObject({ ok: false, folders: [stick], failed: [{ folder: disk }] });
  rmSync(disk);
  renameSync(stick, `${stick}.away`);
  expect(failure(await create())).toMatchObject({ code: 'SourceNotFound' });
  for (const folder of [stick, disk]) expect(failure(await create()).message).toContain(folder);
  renameSync(`${stick}.away`, stick);
  renameSync(`${disk}.away`, disk);
});

it('says that shares open a backup where some do, and which ones on their paper', async () => {
  expect(createWords('--to', stick).out).toContain('opens with the recovery phrase alone.');
  const out = join(home.folder, 'shares.html');
  const split = ['recovery', 'split', '--shares', '3', '--threshold', '2', '--out', out];
  await done(home, [...split, ...home.unlocking]);
  expect(readFileSync(out, 'utf8')).toMatch(/open the vault and the backups made from today on\s+\(20\d\d-/);
  expect(createWords('--to', stick).out).toContain('opens with the recovery phrase or with shares.');
  expect((await made(create())).backups[0]?.opensWith.toSorted()).toEqual(['recovery-phrase', 'shares']);
  // There the phrase alone has answered for the device until the shares have opened it once.
  const words = ['--recovery-file', home.recovery, '--passphrase-file', join(next.folder, 'passphrase')];
  const restored = told(next, ['backup', 'restore', stick, ...words]);
  // What it says of folders is how they are.
  expect(restored.out).toMatch(
    /Backups go on by themselves, .*\/stick\. See: keyward backup folders list\s*$/,
  );
  const named = told(next, ['backup', 'folders', 'list', '--recovery-file', home.recovery]);
  expect(named.out).toContain(stick);
  const there = told(next, ['backup', 'create', '--to', stick, '--recovery-file', home.recovery]);
  expect(there.out).toContain('opens with the recovery phrase alone.');
});

it('says of every command, where an older copy was put back, how to go on with it', async () => {
  const files = ['vault.db', 'vault.keys'];
  const kept = join(home.folder, 'kept');
  await done(home, ['lock']);
  mkdirSync(kept);
  for (const name of files) copyFileSync(join(home.home, name), join(kept, name));
  await done(home, ['keys', 'create', 'later', ...home.unlocking]);
  expect(await made(create('--to', stick))).toMatchObject({ ok: true });
  await done(home, ['lock']);
  for (const name of files) copyFileSync(join(kept, name), join(home.home, name));
  for (const words of [
    ['keys', 'list'],
    ['backup', 'create', '--to', stick],
    ['backup', 'restore', stick, '--yes'],
  ]) {
    const { code, err } = told(home, [...words, ...home.unlocking]);
    expect([code, err]).toEqual([3, expect.stringMatching(/go on with: keyward unlock --accept-put-back/)]);
    expect(err).toMatch(/KEYWARD_HOME names: keyward backup restore FOLDER/);
  }
  await done(home, ['unlock', '--accept-put-back', ...home.unlocking]);
  expect((await done(home, ['keys', 'list'])).out).not.toContain('later');
  await done(home, ['lock']);
});
