import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { verifyBackups } from '../../src/main/api/without-session.ts';
import { findBackups } from '../../src/main/backup/list.ts';
import { setFaultHook } from '../../src/main/disk/fault-hook.ts';
import { NewMachine } from '../support/backups.ts';
import { errno, gateBelow } from '../support/faults.ts';
import { LiveVault } from '../support/live-vault.ts';

/*
 * Two laptops of one vault. The first has a backup of before; the second then took rights away, and has backups that say
 * so. A restore from the first's takes them away too, whatever is wrong with some of the second's.
 */

const folder = mkdtempSync(join(tmpdir(), 'keyward-others-'));
const [mine, theirs] = [join(folder, 'mine'), join(folder, 'theirs')];
for (const one of [mine, theirs]) mkdirSync(one);
const first = await LiveVault.make(tmpdir(), false);
await first.call('keys.create', { alias: 'shut', description: '' });
const { path: base } = await first.call('backup.create', { folder: mine });
const other = new NewMachine();
await other.restore(mine, first.phrase);
const second = await other.open(first.phrase);
await second.call('keys.disable', { key: 'shut' });
const { path: older } = await second.call('backup.create', { folder: theirs });
await second.call('keys.create', { alias: 'later', description: '' });
const { path: newer } = await second.call('backup.create', { folder: theirs });
await second.leave();
await first.leave();
const files = readdirSync(theirs).map((name) => ({ name, bytes: readFileSync(join(theirs, name)) }));
afterEach(() => {
  setFaultHook(undefined);
  rmSync(theirs, { recursive: true });
  mkdirSync(theirs);
  for (const { name, bytes } of files) writeFileSync(join(theirs, name), bytes);
});
afterAll(() => {
  for (const one of [folder, other.folder, join(first.home, '..')])
    rmSync(one, { recursive: true, force: true });
});

const manifestOf = (path: string) => path.replace(/\.age$/, '.json');
const flipped = (path: string) => {
  const bytes = readFileSync(path);
  bytes.writeUInt8((bytes[bytes.length >> 1] ?? 0) ^ 1, bytes.length >> 1);
  writeFileSync(path, bytes);
};
const unreadable = (path: string) =>
  gateBelow(theirs, (step) => {
    if (step.path === path && step.op !== 'list') throw errno('EIO');
    return undefined;
  });

/** What may be wrong with a backup, by its age file. */
const WRONG: { readonly [what: string]: (path: string) => void } = {
  'a byte of its age file': flipped,
  'the end of its age file': (path) => truncateSync(path, 100),
  'its age file is gone': (path) => rmSync(path),
  'its age file can not be read': unreadable,
  'a byte of its manifest': (path) => flipped(manifestOf(path)),
  'its manifest is empty': (path) => truncateSync(manifestOf(path), 0),
  'its manifest is gone': (path) => rmSync(manifestOf(path)),
  'its manifest can not be read': (path) => unreadable(manifestOf(path)),
};

describe('a restore beside backups of another device, the newest of which does not hold', () => {
  for (const [what, act] of Object.entries(WRONG)) {
    it(`takes away what the one before says, and tells of the newest: ${what}`, async () => {
      act(newer);
      const machine = new NewMachine();
      try {
        const { united, passedOver } = await machine.restore(base, first.phrase, { also: [theirs] });
        expect(passedOver.map(({ path }) => path)).toEqual([newer]);
        expect(united.map(({ path }) => path)).toEqual([older]);
        setFaultHook(undefined);
        const back = await machine.open(first.phrase);
        expect((await back.call('keys.describe', { key: 'shut' })).state).toBe('Disabled');
        await back.leave();
      } finally {
        machine.end();
      }
    });

    it(`keeps nobody from the others in its folder: ${what}`, async () => {
      act(newer);
      const found = await findBackups(theirs);
      expect(found.filter(({ trouble }) => trouble === undefined).map(({ path }) => path)).toContain(older);
      const verified = await verifyBackups(theirs, new AbortController().signal, () => undefined);
      expect(verified.map(({ path, state }) => `${basename(path)} ${state}`).sort()).toEqual(
        [`${basename(older)} whole`, `${basename(newer)} damaged`].sort(),
      );
      const machine = new NewMachine();
      try {
        expect((await machine.restore(theirs, first.phrase)).backup.path).toBe(older);
      } finally {
        machine.end();
      }
    });
  }

  it('takes away what one of the same number says, of a copy of the vault that went on by itself', async () => {
    const [machine, copy] = [new NewMachine(), mkdtempSync(join(tmpdir(), 'keyward-copy-'))];
    try {
      cpSync(join(first.home, '..'), copy, { recursive: true });
      const went = await LiveVault.at(copy, first.phrase);
      await went.call('keys.disable', { key: 'my-files' });
      const { path } = await went.call('backup.create', { folder: theirs });
      await went.leave();
      const stayed = await LiveVault.at(join(first.home, '..'), first.phrase);
      const { path: from } = await stayed.call('backup.create', { folder: mine });
      await stayed.leave();
      expect(basename(from)).toBe(basename(path));
      await machine.restore(from, first.phrase, { also: [theirs] });
      const back = await machine.open(first.phrase);
      expect((await back.call('keys.describe', { key: 'my-files' })).state).toBe('Disabled');
      await back.leave();
    } finally {
      machine.end();
      rmSync(copy, { recursive: true });
    }
  });

  it('tells of one that is for another phrase', async () => {
    const [one, two] = [new NewMachine(), new NewMachine()];
    try {
      await one.restore(theirs, first.phrase);
      const live = await one.open(first.phrase);
      const credential = { kind: 'recovery-phrase', phrase: first.phrase } as const;
      const { phrase } = await live.call('protectors.newPhrase', {});
      await live.call('protectors.set', {
        how: 'replace',
        secret: { kind: 'recovery-phrase', phrase },
        credential,
      });
      const made: string[] = [];
      for (let count = 0; count < 2; count += 1)
        made.push((await live.call('backup.create', { folder: theirs })).path);
      await live.leave();
      const { passedOver } = await two.restore(base, first.phrase, { also: [theirs] });
      expect(passedOver.map(({ path }) => path)).toEqual(made.slice(-1));
    } finally {
      one.end();
      two.end();
    }
  });
});
