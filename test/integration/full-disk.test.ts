import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { documents } from '../../src/cli/documents.ts';
import { type Claim, claimHome, initVault } from '../../src/main/api/index.ts';
import { Store } from '../../src/main/store/database.ts';
import { isKeywardError } from '../../src/shared/errors.ts';
import { CommandHome } from '../support/command.ts';
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

    // What SQLite's journal has already can still be written over, for a while.
    const making = ['kms', 'create-key', '--description', 'x'.repeat(8_192)];
    let made = await json(making);
    for (let tries = 0; made.code === 0 && tries < 100; tries += 1) made = await json(making);
    expect(made.document.error).toMatchObject({ code: 'AuditUnwritable' });
    expect((await status()).auditTrouble).toMatchObject({ because: 'DiskFull', held: 0 });
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
    expect(error.message).toContain('the disk is full');
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
