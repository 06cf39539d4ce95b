import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documents } from '../../src/cli/json-documents.ts';
import { type Claim, claimHome, initVault } from '../../src/main/api/index.ts';
import { Store } from '../../src/main/store/database.ts';
import { isKeywardError } from '../../src/shared/errors.ts';
import { BUILT, CommandHome } from '../support/command.ts';
import { errorWords } from '../support/error-words.ts';
import { CHEAP } from '../support/live-vault.ts';
import { SmallDisk } from '../support/small-disk.ts';

it('an owner on a full disk: opens files, steps down, says what is wrong, and makes its log good (pitfalls 6, 46)', async ({
  skip,
}) => {
  const disk = SmallDisk.mount(8 * 1_024);
  if (disk === undefined) return skip('needs the right to mount a small tmpfs (root)');
  try {
    const home = await CommandHome.make(disk.folder);
    const json = async (words: readonly string[]) => {
      const { code, out } = await home.run(words);
      return { code, document: JSON.parse(out) };
    };
    const status = async () => documents.status.parse((await json(['status'])).document);
    const file = join(home.files, 'a');
    writeFileSync(file, randomBytes(100));
    await home.run(['unlock', ...home.unlocking]);
    await home.run(['encrypt', file]);
    // All that holds room back for the log is gone as well: the next entry has nowhere to go.
    rmSync(join(home.home, 'vault.db-reserve'));
    disk.fill();

    // What SQLite's journal has already can still be written over, for a while. A small change may find room where a
    // large one did not; so may the entry by which the vault makes its log good again, every few seconds.
    for (const size of [8_192, 1]) {
      let trouble: Awaited<ReturnType<typeof status>>['auditTrouble'];
      for (let tries = 0; trouble === undefined && tries < 100; tries += 1) {
        const { code, document } = await json(['kms', 'create-key', '--description', 'x'.repeat(size)]);
        if (code === 0) continue;
        expect(document.error).toMatchObject({ code: 'AuditUnwritable' });
        trouble = (await status()).auditTrouble;
      }
      expect(trouble).toMatchObject({ because: 'DiskFull', held: 0 });
    }
    // A key takes more room than an entry of the log: what is left goes to entries, until one finds none.
    const heldBack = async () => (await status()).auditTrouble?.held ?? 0;
    for (let tries = 0; (await heldBack()) === 0 && tries < 200; tries += 1) {
      await json(['verify', `${file}.keyward`]);
    }
    const down = await json(['step-down', 'operator']);
    expect(down).toMatchObject({ code: 0, document: { role: 'operator', logged: false } });
    expect((await json(['verify', `${file}.keyward`])).code).toBe(0);
    expect((await status()).auditTrouble?.held).toBeGreaterThanOrEqual(2);
    expect(await home.words(['status'])).toMatch(
      /CAN'T BE WRITTEN since .*: the disk is full\. Free some space/,
    );

    disk.free();
    await expect.poll(async () => (await status()).auditTrouble, { timeout: 15_000 }).toBeUndefined();
    const { document } = await json(['audit', 'list', '--limit', '5']);
    const names = document.entries.map(({ eventName }: { eventName: string }) => eventName);
    expect(names).toEqual(expect.arrayContaining(['AuditGap', 'StepDown', 'Decrypt', 'AuditResumed']));
    expect((await json(['audit', 'verify'])).document).toMatchObject({ ok: true });
    await home.run(['lock']);
  } finally {
    disk.unmount();
  }
});

it('a locked vault and its files are opened when the disk has been filled to the last byte (pitfall 6)', async ({
  skip,
}) => {
  const disk = SmallDisk.mount(3 * 1_024);
  if (disk === undefined) return skip('needs the right to mount a small tmpfs (root)');
  const back = join(mkdtempSync(join(tmpdir(), 'keyward-back-')), 'note');
  try {
    const home = await CommandHome.make(disk.folder);
    const run = async (...words: string[]) => (await home.run([...words, ...home.unlocking])).code;
    const note = join(home.files, 'note');
    writeFileSync(note, 'dear diary');
    expect(await run('encrypt', note)).toBe(0);
    disk.fill();
    expect((await home.run(['status'])).code).toBe(0);
    expect(await run('decrypt', '--out', back, `${note}.keyward`)).toBe(0);
    expect(readFileSync(back, 'utf8')).toBe('dear diary');
    expect((await home.run(['lock'])).code).toBe(0);
    expect(await run('keys', 'create', 'more')).toBe(0);
    expect(await run('audit', 'verify')).toBe(0);
  } finally {
    disk.unmount();
    rmSync(dirname(back), { recursive: true });
  }
});

/** What the command says on standard error. */
function spoken(home: CommandHome, words: readonly string[]): string {
  return spawnSync(process.execPath, [BUILT, ...words], { env: home.env, encoding: 'utf8' }).stderr;
}

describe.each([['a background process holds the vault'], ['each command unlocks it']])('while %s', (how) => {
  const held = how.startsWith('a background');

  it('a vault that was filled up with entries stops a job once, and opens its files, to other disks too (pitfall 63)', async ({
    skip,
  }) => {
    const disk = SmallDisk.mount(2_048);
    if (disk === undefined) return skip('needs the right to mount a small tmpfs (root)');
    const elsewhere = mkdtempSync(join(tmpdir(), 'keyward-elsewhere-'));
    const home = await CommandHome.make(disk.folder);
    const with_ = held ? [] : home.unlocking;
    try {
      const many = join(elsewhere, 'many');
      mkdirSync(many);
      const count = 1_000;
      for (let n = 0; n < count; n++) writeFileSync(join(many, `f${n}`), `content ${n}`);
      if (held) await home.run(['unlock', ...home.unlocking]);
      const sealed = join(elsewhere, 'sealed');
      const { code, out } = await home.run(['encrypt', '--each', many, '--out', sealed, ...with_]);
      expect(code).toBe(1);
      const { outcomes, results } = documents.encrypt.parse(JSON.parse(out));
      const done = results.flatMap(({ status, output }) => (status === 'done' ? [output ?? ''] : []));
      expect(outcomes).toEqual({ done: done.length, failed: count - done.length });
      expect(done.length).toBeGreaterThan(100);
      expect(done.length).toBeLessThan(count);
      const failed = results.flatMap(({ error }) => (error === undefined ? [] : [error]));
      // Which row of the vault finds no room first, the log's or the output's record, is a matter of their sizes.
      for (const { code, details } of failed) {
        expect(['AuditUnwritable', 'DiskFull']).toContain(code);
        expect(details['sqlite'] ?? code).not.toBe('DiskFull');
      }
      // What was under way together fails together; none of the others was begun.
      expect(failed.filter(({ details }) => details['stopped'] === undefined).length).toBeLessThanOrEqual(
        512,
      );
      expect(readdirSync(sealed).sort()).toEqual(done.map((path) => basename(path)).sort());

      const words = spoken(home, ['encrypt', '--each', many, '--out', join(elsewhere, 'more'), ...with_]);
      expect(
        words
          .trim()
          .split('\n')
          .filter((line) => line.startsWith('keyward:')),
      ).toHaveLength(1);

      // Nothing can be written down any more, and every file opens.
      disk.fill();
      const making = ['kms', 'create-key', '--description', 'x'.repeat(8_192), ...with_];
      for (let tries = 0; tries < 100 && (await home.run(making)).code === 0; tries += 1);
      const some = done.slice(0, 20);
      const back = join(elsewhere, 'back');
      const decrypted = await home.run(['decrypt', ...some, '--out', back, ...with_]);
      expect(decrypted.code, decrypted.out).toBe(0);
      for (const path of some) {
        const name = basename(path, '.keyward');
        expect(readFileSync(join(back, name), 'utf8')).toBe(`content ${name.slice(1)}`);
      }
      expect(readdirSync(back).filter((name) => name.endsWith('.partial'))).toEqual([]);
      // On the full disk itself one line says why not.
      const here = spoken(home, ['decrypt', '--each', sealed, '--out', join(disk.folder, 'here'), ...with_]);
      expect(here.split('\n').filter((line) => line.startsWith('keyward:'))).toHaveLength(1);
      expect(here).toMatch(/the disk is full\.\s+Free some space/);
      disk.free();
      expect((await home.run(['audit', 'verify', ...with_])).code).toBe(0);
      await home.run(['lock']);
    } finally {
      disk.unmount();
      rmSync(elsewhere, { recursive: true });
    }
  });
});

it('a read-only disk is called read-only, with a vault on it and without', async ({ skip }) => {
  const disk = SmallDisk.mount(3 * 1_024);
  if (disk === undefined) return skip('needs the right to mount a small tmpfs (root)');
  try {
    const home = await CommandHome.make(disk.folder);
    spawnSync('mount', ['-o', 'remount,ro', disk.folder]);
    expect((await home.run(['status'])).out).toContain('"DiskReadOnly"');
    await expect(claimHome(join(disk.folder, 'new'))).rejects.toMatchObject({ code: 'DiskReadOnly' });
  } finally {
    disk.unmount();
  }
});

it('a vault is made whole or not at all, however small the disk (pitfall 6)', async ({ skip }) => {
  const outcomes = new Set<string>();
  for (let kibibytes = 60; kibibytes <= 420; kibibytes += 12) {
    const disk = SmallDisk.mount(kibibytes);
    if (disk === undefined) return skip('needs the right to mount a small tmpfs (root)');
    try {
      outcomes.add(await outcomeOf(join(disk.folder, 'home')));
    } finally {
      disk.unmount();
    }
  }
  expect([...outcomes].sort()).toEqual(['made', 'none']);
}, 120_000);

/** Makes a vault and tells what came of it: it is there whole, or none is, and the message says why. */
async function outcomeOf(path: string): Promise<string> {
  const database = join(path, 'vault.db');
  let claim: Claim | undefined;
  try {
    claim = await claimHome(path);
    if (claim === undefined) throw new Error('the home is taken');
    const passphrase = Buffer.from('a passphrase for tests');
    await initVault(claim, { throwAway: true, keychain: false, passphrase, parts: { cost: CHEAP } });
  } catch (error) {
    if (!isKeywardError(error)) throw error;
    expect(existsSync(database)).toBe(false);
    expect(errorWords(error)).toContain('the disk is full');
    return 'none';
  } finally {
    await claim?.release();
  }
  // All of it stands in the file that got its name, nothing in a journal. It is opened where there is room to.
  const roomy = mkdtempSync(join(tmpdir(), 'keyward-roomy-'));
  copyFileSync(database, join(roomy, 'vault.db'));
  const store = Store.open(join(roomy, 'vault.db'), 'existing');
  try {
    expect(store.read((tx) => tx.all('SELECT seq FROM audit'))).toHaveLength(3);
    return 'made';
  } finally {
    store.close();
    rmSync(roomy, { recursive: true });
  }
}
