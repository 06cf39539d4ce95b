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
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { claimHome, openSession } from '../../src/main/api/index.ts';
import { openBackup } from '../../src/main/backup/restore.ts';
import { phraseIdentity } from '../../src/main/unlock/recovery-recipients.ts';
import type { Credential } from '../../src/shared/credential.ts';
import { isKeywardError } from '../../src/shared/errors.ts';
import { CommandHome } from '../support/command.ts';
import { LiveVault } from '../support/live-vault.ts';
import { killAtSteps, record, replay, workshop } from '../support/power-loss/play.ts';
import { renumberPartials } from '../support/power-loss/replay.ts';
import { whyNoTrace } from '../support/power-loss/trace.ts';
import { repaired } from '../support/repairs.ts';

/*
 * What makes a vault anew or changes all of it, ended at each of its steps: by kill -9, and by power losses. After it the
 * vault opens with the old way in or the new one, every file decrypts, nothing is half, and reachable backups are good.
 */

const long = process.env['KEYWARD_TEST_LEVEL'] === 'long';
const KILLS = long ? Number.POSITIVE_INFINITY : 6;
const LOSSES = long ? 300 : 6;

/** What must hold; `answered`: the run had already said that it was done. */
type Check = (answered: boolean) => Promise<void>;
type Run = { readonly words: readonly string[]; readonly check: Check };

const CONTENTS: { readonly [name: string]: string } = { a: 'a diary', b: 'a letter' };
const elsewhere = mkdtempSync(join(tmpdir(), 'keyward-elsewhere-'));
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

async function done(vault: CommandHome, ...words: string[]): Promise<void> {
  const { code, out } = await vault.run([...words, ...vault.unlocking]);
  if (code !== 0) throw new Error(`keyward ${words.join(' ')}: ${out}`);
}

const stickOf = (vault: CommandHome) => join(vault.folder, 'stick');
const phraseOf = (vault: CommandHome) => readFileSync(vault.recovery, 'utf8').trim();
const passphraseOf = (vault: CommandHome) => join(vault.folder, 'passphrase');

/** A vault that lasts, with two keys, a file under each, and a backup on a stick. */
async function made(parent: string): Promise<CommandHome> {
  const vault = CommandHome.prepare(parent);
  const { code, out } = await vault.run(vault.initWords.filter((word) => word !== '--throw-away'));
  if (code !== 0) throw new Error(out);
  mkdirSync(stickOf(vault));
  await done(vault, 'keys', 'create', 'second');
  for (const [name, key] of [
    ['a', 'my-files'],
    ['b', 'second'],
  ] as const) {
    writeFileSync(join(vault.files, name), CONTENTS[name] ?? '');
    await done(vault, 'encrypt', join(vault.files, name), '--key', key);
    rmSync(join(vault.files, name));
  }
  await done(vault, 'backup', 'create', '--to', stickOf(vault));
  return vault;
}

/** Opens what a run has left of the vault, checks its log, and closes it again. */
async function opened<T>(vault: CommandHome, act: (live: LiveVault) => Promise<T>): Promise<T> {
  const live = await LiveVault.at(vault.folder, phraseOf(vault));
  try {
    expect(await live.call('audit.verify', {})).toMatchObject({ ok: true });
    return await act(live);
  } finally {
    await live.leave();
  }
}

async function everyFile(live: LiveVault, names: readonly string[] = Object.keys(CONTENTS)): Promise<void> {
  for (const name of names) {
    const out = live.path(`${name}.opened`);
    const [result] = await live.decrypt(live.path(`${name}.keyward`), { out, overwrite: true });
    expect(result?.error, name).toBeUndefined();
    expect(readFileSync(out, 'utf8')).toBe(CONTENTS[name]);
    rmSync(out);
  }
}

const entries = async (live: LiveVault, event: string) =>
  (await live.call('audit.list', { limit: 10, event })).entries.filter(
    ({ errorCode }) => errorCode === undefined,
  ).length;

/** The newest backup on the stick that opens: how many versions it holds, and its number. */
async function newestBackup(vault: CommandHome): Promise<{ versions: number; sequence: number }> {
  const identity = await phraseIdentity(phraseOf(vault));
  try {
    const { document, root } = await openBackup(stickOf(vault), identity);
    root.wipe();
    return { versions: document.material.length, sequence: document.sequence };
  } finally {
    identity.wipe();
  }
}

/** The vault opens whole, and so does its second file alone. */
async function nothingHalf(vault: CommandHome, names?: readonly string[]): Promise<void> {
  await opened(vault, async (live) => {
    const { rescue, findings = [] } = await live.call('vault.status', {});
    expect([rescue, findings.filter(({ kind }) => /Damaged|Rescue|PutBack|Behind/.test(kind))]).toEqual([
      undefined,
      [],
    ]);
    await everyFile(live, names);
  });
  const kept = join(elsewhere, 'vault.db');
  copyFileSync(join(vault.home, 'vault.db'), kept);
  for (const name of ['', '-wal', '-shm']) rmSync(join(vault.home, `vault.db${name}`), { force: true });
  const live = await LiveVault.at(vault.folder, phraseOf(vault));
  try {
    expect((await live.call('vault.status', {})).rescue).toBe(true);
    await everyFile(live, names);
  } finally {
    await live.leave();
    copyFileSync(kept, join(vault.home, 'vault.db'));
  }
}

async function opens(vault: CommandHome, credential: Credential): Promise<boolean> {
  const claim = await claimHome(vault.home);
  if (claim === undefined) throw new Error('the home is taken');
  try {
    await (await openSession(claim, { credential, kind: 'command' })).close();
    return true;
  } catch (error) {
    if (!isKeywardError(error, 'WrongPassphrase', 'ProtectorMissing')) throw error;
    return false;
  } finally {
    await claim.release();
  }
}

const byPassphrase = (text: string) => ({ kind: 'passphrase', bytes: Buffer.from(text) }) as const;
const PASSPHRASE = 'a passphrase for tests';

const scenarios: { readonly [name: string]: (parent: string) => Promise<Run & { vault: CommandHome }> } = {
  'root rotate': async (parent) => {
    const vault = await made(parent);
    return {
      vault,
      words: ['root', 'rotate', '--passphrase-file', passphraseOf(vault)],
      check: async (answered) => {
        const rotated = await opened(vault, (live) => entries(live, 'RotateRootKey'));
        expect(rotated).toBe(answered ? 1 : Math.min(rotated, 1));
        expect(await opens(vault, byPassphrase(PASSPHRASE))).toBe(true);
        expect((await newestBackup(vault)).versions).toBe(2);
        await nothingHalf(vault);
      },
    };
  },

  'backup restore, merging': async (parent) => {
    const vault = await made(parent);
    const second = await other(vault, 'there');
    await done(second, 'keys', 'create', 'made-there');
    writeFileSync(join(second.files, 'c'), 'made there');
    await done(second, 'encrypt', join(second.files, 'c'), '--key', 'made-there');
    copyFileSync(join(second.files, 'c.keyward'), join(vault.files, 'c.keyward'));
    await done(second, 'keys', 'rotate', 'second');
    await done(second, 'backup', 'create', '--to', join(elsewhere, 'there'));
    second.end();
    const words = ['backup', 'restore', join(elsewhere, 'there'), '--yes', ...vault.unlocking];
    return {
      vault,
      words,
      check: async (answered) => {
        const merged = await opened(vault, async (live) => {
          const [result] = await live.decrypt(live.path('c.keyward'), {
            out: live.path('c'),
            overwrite: true,
          });
          const done = await entries(live, 'MergeBackup');
          expect(result?.error === undefined ? 1 : 0).toBe(done);
          expect((await live.call('keys.describe', { key: 'second' })).versions).toBe(1 + done);
          const compared = live.call('backup.compare', {
            from: join(elsewhere, 'there'),
            phrase: phraseOf(vault),
          });
          const again = await compared.then(
            () => 'mergeable',
            (error: unknown) => (isKeywardError(error) ? error.code : error),
          );
          expect(again).toBe(done === 1 ? 'BackupOlder' : 'mergeable');
          return done;
        });
        if (answered) expect(merged).toBe(1);
        await nothingHalf(vault);
        expect((await newestBackup(vault)).versions).toBeGreaterThan(1);
      },
    };
  },

  'backup restore': async (parent) => {
    const source = await made(parent);
    const from = join(elsewhere, 'source');
    mkdirSync(from);
    for (const name of readdirSync(stickOf(source)))
      copyFileSync(join(stickOf(source), name), join(from, name));
    const vault = CommandHome.prepare(parent);
    copyFileSync(source.recovery, vault.recovery);
    for (const name of readdirSync(source.files))
      copyFileSync(join(source.files, name), join(vault.files, name));
    mkdirSync(vault.home);
    source.end();
    return {
      vault,
      words: ['backup', 'restore', from, ...vault.unlocking, '--passphrase-file', passphraseOf(vault)],
      check: async (answered) => {
        if (!existsSync(join(vault.home, 'vault.db'))) return expect(answered).toBe(false);
        expect(await opened(vault, (live) => entries(live, 'RestoreVault'))).toBe(1);
        await nothingHalf(vault);
      },
    };
  },

  'protectors revoke': async (parent) => {
    const vault = await made(parent);
    const next = join(vault.folder, 'next-passphrase');
    writeFileSync(next, 'quite another passphrase\n', { mode: 0o600 });
    return {
      vault,
      words: ['protectors', 'revoke', 'passphrase', '--new-passphrase-file', next, ...vault.unlocking],
      check: async (answered) => {
        const [isOld, isNew] = [
          await opens(vault, byPassphrase(PASSPHRASE)),
          await opens(vault, byPassphrase('quite another passphrase')),
        ];
        // Never both, never neither: what has leaked goes in the very step that the new one comes in.
        expect([isOld, isNew]).toEqual([!isNew, isNew]);
        if (answered) expect(isNew).toBe(true);
        await nothingHalf(vault);
        const { versions, isUnfinished } = await opened(vault, async (live) => {
          const { findings = [] } = await live.call('vault.status', {});
          const { versions } = await live.call('keys.describe', { key: 'second' });
          return { versions, isUnfinished: findings.some(({ kind }) => kind === 'RevocationUnfinished') };
        });
        // Where new versions are missing yet, each unlock says that the revocation is to be made again.
        if (!isNew) expect([versions, isUnfinished]).toEqual([1, false]);
        else if (!isUnfinished) expect(versions).toBe(2);
        if (answered) expect(isUnfinished).toBe(false);
        expect((await newestBackup(vault)).versions).toBeGreaterThanOrEqual(2);
      },
    };
  },

  'backup create': async (parent) => {
    const vault = await made(parent);
    await done(vault, 'keys', 'rotate', 'second');
    const before = (await newestBackup(vault)).sequence;
    return {
      vault,
      words: ['backup', 'create', '--to', stickOf(vault), ...vault.unlocking],
      check: async (answered) => {
        const { versions, sequence } = await newestBackup(vault);
        expect(versions).toBe(sequence === before ? 2 : 3);
        if (answered) expect(sequence).toBeGreaterThan(before);
        await nothingHalf(vault);
      },
    };
  },

  repair: async (parent) => {
    const vault = await made(parent);
    const path = join(vault.home, 'vault.db');
    writeFileSync(path, readFileSync(path).subarray(0, 6_000));
    return {
      vault,
      words: ['repair', '--yes', ...vault.unlocking],
      check: async (answered) => {
        const live = await LiveVault.at(vault.folder, phraseOf(vault));
        const { rescue } = await live.call('vault.status', {});
        await everyFile(live);
        await live.leave();
        if (answered) expect(rescue).toBeUndefined();
        if (rescue === true) expect(await repaired(vault.home, { phrase: phraseOf(vault) })).toBeDefined();
        await nothingHalf(vault);
        expect((await newestBackup(vault)).versions).toBe(2);
      },
    };
  },
};

/** Another laptop with the same vault. */
async function other(vault: CommandHome, name: string): Promise<CommandHome> {
  const second = CommandHome.prepare(tmpdir());
  copyFileSync(vault.recovery, second.recovery);
  mkdirSync(join(elsewhere, name), { recursive: true });
  const { code, out } = await second.run([
    ...['backup', 'restore', stickOf(vault), ...second.unlocking],
    ...['--passphrase-file', passphraseOf(second)],
  ]);
  if (code !== 0) throw new Error(out);
  return second;
}

describe.each(Object.entries(scenarios))('%s', (name, prepare) => {
  it('ended by kill -9 at its steps, and by power losses: old or new, nothing half', async ({ skip }) => {
    const why = whyNoTrace();
    if (why !== undefined) skip(`${why}: nothing was played`);
    const { vault, words, check } = await prepare(workshop());
    try {
      const recording = await record(vault, [...words, '--json'], vault.folder);
      expect(recording.answered).toBeLessThan(Number.POSITIVE_INFINITY);
      const checked = async ({ at }: { readonly at: number }) => {
        if (existsSync(join(vault.home, 'vault.db')) && name !== 'repair')
          await renumberPartials(vault.home, phraseOf(vault));
        await check(at >= recording.answered);
      };
      await killAtSteps(name, recording, KILLS, checked);
      await replay(name, recording, LOSSES, checked);
    } finally {
      vault.end();
    }
  });
});
