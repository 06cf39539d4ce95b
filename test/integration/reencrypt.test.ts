import { randomBytes } from 'node:crypto';
import { copyFileSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { setFaultHook } from '../../src/main/disk/fault-hook.ts';
import { errno, gateBelow } from '../support/faults.ts';
import { only } from '../support/live-vault.ts';
import { oneVault } from '../support/one-vault.ts';

const FRAME = 1 << 20;

const vault = await oneVault();
afterEach(() => setFaultHook(undefined));

async function encrypted(content: Buffer): Promise<string> {
  writeFileSync(vault.path('a'), content);
  utimesSync(vault.path('a'), 1_600_000_000, 1_600_000_000);
  await vault.encrypt(vault.path('a'), { context: { matter: '17' } });
  rmSync(vault.path('a'));
  return vault.path('a.keyward');
}

const inspect = (source: string) => vault.call('files.inspect', { source });
const reencrypt = async (sources: string[], signal = new AbortController().signal) =>
  (await vault.call('files.reencrypt', { sources, each: false }, { signal })).results;

describe('reencrypt', () => {
  it.each([0, 1, FRAME, 3 * FRAME + 5])(
    'keeps %i bytes, name, times and context; message id and all ciphertext are new',
    async (size) => {
      const content = randomBytes(size);
      const file = await encrypted(content);
      const before = { bytes: readFileSync(file), facts: await inspect(file) };
      expect(only(await reencrypt([file]))).toMatchObject({ status: 'done', output: file, bytes: size });
      const after = await inspect(file);
      expect(after.messageId).not.toBe(before.facts.messageId);
      expect(after.context).toEqual(before.facts.context);
      if (size > 0) {
        // With the tag of 16 bytes: a single byte may come out the same by chance.
        const tail = Math.min(size, 32) + 16;
        expect(readFileSync(file).subarray(-tail).equals(before.bytes.subarray(-tail))).toBe(false);
      }
      rmSync(vault.path('a'), { force: true });
      await vault.decrypt(file);
      expect(readFileSync(vault.path('a')).equals(content)).toBe(true);
    },
  );

  it('leaves a damaged file, and one that fails half-way, as they were', async () => {
    const file = await encrypted(randomBytes(3 * FRAME));
    const whole = readFileSync(file);
    gateBelow(vault.files, ({ op, path, offset = 0 }) => {
      if (op === 'write' && path !== file && offset > FRAME) throw errno('ENOSPC');
      return undefined;
    });
    expect(only(await reencrypt([file]))).toMatchObject({ status: 'failed', error: { code: 'DiskFull' } });
    setFaultHook(undefined);
    expect(readFileSync(file).equals(whole)).toBe(true);
    whole.writeUInt8(whole.readUInt8(2 * FRAME) ^ 1, 2 * FRAME);
    writeFileSync(file, whole);
    expect(only(await reencrypt([file]))).toMatchObject({ status: 'failed', error: { code: 'FileDamaged' } });
    expect(readFileSync(file).equals(whole)).toBe(true);
    expect(vault.list()).toEqual(['a.keyward']);
  });

  it('moves to another key', async () => {
    const file = await encrypted(Buffer.from('dear diary'));
    const { keyId } = await vault.call('keys.create', { alias: 'other', description: '' });
    await vault.call('files.reencrypt', { sources: [file], each: false, key: 'other' });
    expect((await inspect(file)).slots).toEqual([expect.objectContaining({ key: keyId })]);
  });
});

describe('rewrap --from-version', () => {
  it('takes only the files of that version, and goes on where it was stopped', async () => {
    const file = await encrypted(Buffer.from('dear diary'));
    const { currentVersion: first } = await vault.call('keys.describe', { key: 'my-files' });
    await vault.call('keys.rotate', { key: 'my-files' });
    copyFileSync(file, vault.path('b.keyward'));
    const run = async (sources: string[], fromVersion: string) =>
      (await vault.call('files.rewrap', { sources, each: false, fromVersion })).results.map(
        ({ status }) => status,
      );
    expect(await run([file], first.slice(0, 8))).toEqual(['done']);
    expect(await run([file, vault.path('b.keyward')], first)).toEqual(['skipped', 'done']);
    expect(await run([file, vault.path('b.keyward')], first)).toEqual(['skipped', 'skipped']);
    await expect(run([file], 'short')).rejects.toMatchObject({ code: 'ValidationException' });
  });
});
