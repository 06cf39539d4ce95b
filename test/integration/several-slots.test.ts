import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openFile } from '../../src/main/disk/file.ts';
import { rebuildHeader } from '../../src/main/envelope/compose.ts';
import { readHeader } from '../../src/main/envelope/header-copies.ts';
import { replaceHeader } from '../../src/main/envelope/rewrite.ts';
import { only } from '../support/live-vault.ts';
import { oneVault } from '../support/one-vault.ts';
import { localSlot } from '../unit/envelope/support.ts';

const vault = await oneVault();

const dataKeyOf = async (source: string) => {
  const credential = { kind: 'recovery-phrase', phrase: vault.phrase } as const;
  const { document } = await vault.call('files.exportDataKey', { source, credential });
  return Buffer.from(z.object({ dataKey: z.base64() }).parse(JSON.parse(document)).dataKey, 'base64');
};

/** An encrypted file whose first slot is for a key of another vault, its second for one of this. */
async function shared(): Promise<string> {
  writeFileSync(vault.path('a'), 'dear diary');
  await vault.encrypt(vault.path('a'));
  rmSync(vault.path('a'));
  const path = vault.path('a.keyward');
  const dataKey = await dataKeyOf(path);
  const file = await openFile(path, 'update');
  const state = await readHeader(file);
  const slots = [localSlot(), ...state.header.slots];
  await replaceHeader(file, state, rebuildHeader(state.header, dataKey, slots, path));
  await file.close();
  return path;
}

const inspect = async (source: string) => (await vault.call('files.inspect', { source })).slots;

describe('a file that is also for a key of another vault', () => {
  it('is opened, and its data key exported, by the key of this one', async () => {
    const path = await shared();
    expect(await dataKeyOf(path)).toHaveLength(32);
    expect(only(await vault.decrypt(path)).status).toBe('done');
    expect(readFileSync(vault.path('a'), 'utf8')).toBe('dear diary');
  });

  it('is rewrapped in its own slot, and the other stays', async () => {
    const path = await shared();
    const before = await inspect(path);
    await vault.call('keys.rotate', { key: 'my-files' });
    const { currentVersion } = await vault.call('keys.describe', { key: 'my-files' });
    expect(only((await vault.call('files.rewrap', { sources: [path], each: false })).results).error).toBe(
      undefined,
    );
    const after = await inspect(path);
    expect(after[0]).toMatchObject({ key: before[0]?.key, version: before[0]?.version });
    expect(after[1]).toMatchObject({ key: before[1]?.key, version: currentVersion, newerVersion: false });
  });

  it('is encrypted anew under the key of this one, and the loss is told', async () => {
    const path = await shared();
    const [, own] = await inspect(path);
    const result = only((await vault.call('files.reencrypt', { sources: [path], each: false })).results);
    expect(result).toMatchObject({ status: 'done', notes: [expect.stringContaining('1 other key')] });
    expect(await inspect(path)).toMatchObject([{ key: own?.key }]);
  });

  it('tells that it is not for this vault when none of its keys is', async () => {
    const path = await shared();
    const dataKey = await dataKeyOf(path);
    const file = await openFile(path, 'update');
    const state = await readHeader(file);
    const slots = [localSlot(3), localSlot(5)];
    await replaceHeader(file, state, rebuildHeader(state.header, dataKey, slots, path));
    await file.close();
    for (const method of ['files.rewrap', 'files.reencrypt'] as const) {
      const result = only((await vault.call(method, { sources: [path], each: false })).results);
      expect([method, result.error?.code]).toEqual([method, 'WrongKey']);
    }
  });
});
