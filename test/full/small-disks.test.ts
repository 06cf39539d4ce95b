import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { failureDocument } from '../../src/cli/json-documents.ts';
import { verifyBackups } from '../../src/main/api/without-session.ts';
import { openBackup } from '../../src/main/backup/restore.ts';
import { phraseIdentity } from '../../src/main/unlock/recovery-recipients.ts';
import { CommandHome } from '../support/command.ts';
import { LiveVault } from '../support/live-vault.ts';
import { SEED } from '../support/random.ts';
import { SmallDisk } from '../support/small-disk.ts';

/*
 * What changes all of a vault, or writes backups, while the stick is full or pulled, and while the vault's own disk is full
 * with and without the log's reserve: it is done, or nothing is and the reason is told; the backup of before stays good, and
 * with room again it works.
 */

const elsewhere = mkdtempSync(join(tmpdir(), 'keyward-elsewhere-'));
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

const NEXT = 'quite another passphrase';

type Operation = {
  /** The words of the command, once the vault is there. */
  readonly words: (vault: CommandHome, stick: string) => readonly string[] | Promise<readonly string[]>;
  /** Whether it is done, by what the open vault shows. */
  readonly isDone: (live: LiveVault) => Promise<boolean>;
};

const entries = async (live: LiveVault, event: string) =>
  (await live.call('audit.list', { limit: 10, event })).entries.filter(
    ({ errorCode }) => errorCode === undefined,
  ).length;

const OPERATIONS: { readonly [name: string]: Operation } = {
  'root rotate': {
    words: (vault) => ['root', 'rotate', '--passphrase-file', join(vault.folder, 'passphrase')],
    isDone: async (live) => (await entries(live, 'RotateRootKey')) > 0,
  },
  'protectors revoke': {
    words: (vault) => {
      const next = join(vault.folder, 'next');
      writeFileSync(next, `${NEXT}\n`, { mode: 0o600 });
      return ['protectors', 'revoke', 'passphrase', '--new-passphrase-file', next, ...vault.unlocking];
    },
    isDone: async (live) => (await entries(live, 'RevokeProtector')) > 0,
  },
  'backup restore, merging': {
    words: async (vault, stick) => {
      const there = mkdtempSync(join(elsewhere, 'there-'));
      const second = CommandHome.prepare();
      copyFileSync(vault.recovery, second.recovery);
      const passphrase = ['--passphrase-file', join(second.folder, 'passphrase')];
      await done(second, ['backup', 'restore', stick, ...second.unlocking, ...passphrase]);
      await done(second, ['keys', 'create', 'made-there', ...second.unlocking]);
      await done(second, ['backup', 'create', '--to', there, ...second.unlocking]);
      second.end();
      return ['backup', 'restore', there, '--yes', ...vault.unlocking];
    },
    isDone: async (live) => (await entries(live, 'MergeBackup')) > 0,
  },
  'backup create': {
    words: (vault, stick) => ['backup', 'create', '--to', stick, ...vault.unlocking],
    isDone: async () => false,
  },
};

async function done(vault: CommandHome, words: readonly string[]): Promise<void> {
  const { code, out } = await vault.run(words);
  if (code !== 0) throw new Error(`keyward ${words.join(' ')}: ${out}`);
}

/** The newest backup in a folder that opens, by its number; all that are whole are counted. */
async function backupsIn(folder: string, phrase: string): Promise<{ sequence: number; whole: number }> {
  const identity = await phraseIdentity(phrase);
  try {
    const { document, root } = await openBackup(folder, identity);
    root.wipe();
    const states = await verifyBackups(folder, new AbortController().signal, () => undefined);
    return { sequence: document.sequence, whole: states.filter(({ state }) => state === 'whole').length };
  } finally {
    identity.wipe();
  }
}

const phraseOf = (vault: CommandHome) => readFileSync(vault.recovery, 'utf8').trim();

/** Opens the vault: it is whole, and its file opens. */
async function inspected(vault: CommandHome, { isDone }: Operation): Promise<boolean> {
  const live = await LiveVault.at(vault.folder, phraseOf(vault));
  try {
    expect((await live.call('vault.status', {})).rescue).toBeUndefined();
    expect(await live.call('audit.verify', {})).toMatchObject({ ok: true });
    rmSync(join(elsewhere, 'opened'), { force: true });
    const [result] = await live.decrypt(live.path('diary.keyward'), { out: join(elsewhere, 'opened') });
    expect(result?.error).toBeUndefined();
    return await isDone(live);
  } finally {
    await live.leave();
  }
}

const TROUBLES = ['a full stick', 'a pulled stick', 'a full disk', 'a full disk without a reserve'];
/** Of each operation the troubles that are tried: one that the seed draws, or all in the longest run. */
const isLong = process.env['KEYWARD_TEST_LEVEL'] === 'long';
console.log(`small disks: seed ${SEED}`);
const cases = Object.entries(OPERATIONS).map(
  ([name, operation], at) =>
    [
      name,
      operation,
      TROUBLES.filter((_, each) => isLong || (each + at + SEED) % TROUBLES.length === 0),
    ] as const,
);

describe.skipIf(process.platform !== 'linux').each(cases)('%s', (name, operation, troubles) => {
  it.each(troubles)('with %s is done or not at all, and the backup of before stays good', async (trouble) => {
    const [disk, stick] = [SmallDisk.mount(12_000), SmallDisk.mount(2_000)];
    if (disk === undefined || stick === undefined) throw new Error('needs the right to mount');
    const vault = CommandHome.prepare(disk.folder);
    try {
      await done(
        vault,
        vault.initWords.filter((word) => word !== '--throw-away'),
      );
      writeFileSync(join(vault.files, 'diary'), 'dear diary');
      await done(vault, ['encrypt', join(vault.files, 'diary'), ...vault.unlocking]);
      await done(vault, ['backup', 'folders', 'add', stick.folder, ...vault.unlocking]);
      await done(vault, ['backup', 'create', '--to', stick.folder, ...vault.unlocking]);
      const words = await operation.words(vault, stick.folder);
      const before = await backupsIn(stick.folder, phraseOf(vault));
      const aside = join(elsewhere, 'stick');

      if (trouble === 'a full stick') stick.fill();
      else if (trouble === 'a pulled stick') {
        // As a mount point looks whose disk was pulled: the folder is not there.
        rmSync(aside, { recursive: true, force: true });
        stick.moveTo(aside);
      } else {
        if (trouble === 'a full disk without a reserve') rmSync(join(vault.home, 'vault.db-reserve'));
        disk.fill();
      }
      const { code, out } = await vault.run(words);
      const told = `${name}, ${trouble}: ${out}`;
      if (
        trouble === 'a full stick' ||
        trouble === 'a full disk' ||
        trouble === 'a full disk without a reserve'
      )
        (trouble === 'a full stick' ? stick : disk).free();
      else stick.moveTo(undefined);

      console.log(
        `${name}, ${trouble}: ${code === 0 ? 'done' : failureDocument.parse(JSON.parse(out)).error.code}`,
      );
      const isDone = await inspected(vault, operation);
      if (name !== 'backup create') expect(isDone, told).toBe(code === 0);
      if (code !== 0)
        expect(['DiskFull', 'AuditUnwritable', 'SourceNotFound'], told).toContain(
          failureDocument.parse(JSON.parse(out)).error.code,
        );
      // A stick in trouble stops nothing but its own backup.
      if (trouble.endsWith('stick')) expect(code === 0, told).toBe(name !== 'backup create');
      const after = await backupsIn(stick.folder, phraseOf(vault));
      expect(after.sequence, told).toBeGreaterThanOrEqual(before.sequence);
      expect(after.whole, told).toBeGreaterThanOrEqual(1);

      if (!isDone) {
        expect((await vault.run(words)).code, told).toBe(0);
        if (name !== 'backup create') expect(await inspected(vault, operation), told).toBe(true);
      }
      await done(vault, ['backup', 'create', '--to', stick.folder, ...vault.unlocking]);
      expect((await backupsIn(stick.folder, phraseOf(vault))).sequence).toBeGreaterThan(before.sequence);
    } finally {
      if (existsSync(vault.folder)) vault.end();
      stick.unmount();
      disk.unmount();
    }
  });
});
