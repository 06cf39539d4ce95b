import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  MultiKeyringNode,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from '@aws-crypto/client-node';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { only } from '../support/live-vault.ts';
import { oneVault } from '../support/one-vault.ts';

const { encrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
const suiteId = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
const exported = z.object({
  keys: z.tuple([z.object({ namespace: z.string(), name: z.string(), key: z.base64() })]),
});
type Raw = z.output<typeof exported>['keys'][0];

const vault = await oneVault();
afterEach(() => vi.restoreAllMocks());

/** A key of the vault as other programs have it. */
async function own(key: string): Promise<Raw> {
  const credential = { kind: 'recovery-phrase', phrase: vault.phrase } as const;
  const { document } = await vault.call('keys.exportMaterial', { key, form: 'aws', credential });
  return exported.parse(JSON.parse(document)).keys[0];
}

/** A message that the official client makes for these keys, in a file. */
async function made(content: Buffer, keys: readonly Raw[], frameLength = 4_096): Promise<string> {
  const [generator, ...children] = keys.map(
    ({ namespace, name, key }) =>
      new RawAesKeyringNode({
        keyNamespace: namespace,
        keyName: name,
        unencryptedMasterKey: Uint8Array.from(Buffer.from(key, 'base64')),
        wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
        utf8Sorting: true,
      }),
  );
  if (generator === undefined) throw new RangeError('no key');
  const { result } = await encrypt(new MultiKeyringNode({ generator, children }), content, {
    suiteId,
    frameLength,
  });
  writeFileSync(vault.path('a.keyward'), result);
  return vault.path('a.keyward');
}

describe('a message for several keys', () => {
  it('reencrypt tells of the keys of others that the new one is not for', async () => {
    const theirs = { namespace: 'office', name: 'tax', key: randomBytes(32).toString('base64') };
    const file = await made(Buffer.from('for two'), [await own('my-files'), theirs]);
    const anew = async () =>
      only((await vault.call('files.reencrypt', { sources: [file], each: false })).results);
    expect(await anew()).toMatchObject({ status: 'done', notes: [expect.stringContaining('1 other key')] });
    expect((await anew()).notes).toBeUndefined();
  });

  it('opens by any of them; when all are refused, it is told why', async () => {
    for (const alias of ['one', 'two']) await vault.call('keys.create', { alias, description: '' });
    const file = await made(Buffer.from('for two'), [await own('one'), await own('two')]);
    await vault.call('keys.disable', { key: 'one' });
    expect((await vault.verify(file)).status).toBe('done');
    await vault.call('keys.disable', { key: 'two' });
    expect((await vault.verify(file)).error?.code).toBe('DisabledException');
    await vault.call('keys.enable', { key: 'one' });
    expect(only(await vault.decrypt(file)).status).toBe('done');
  });
});

describe('a message that states longer frames than memory should hold', () => {
  it('is verified and decrypted without memory for them, and not salvaged', async () => {
    const content = randomBytes(100_000);
    const file = await made(content, [await own('my-files')], 2 ** 32 - 1);
    const alloc = vi.spyOn(Buffer, 'allocUnsafeSlow');
    expect(await vault.verify(file)).toMatchObject({ status: 'done', bytes: content.length });
    expect(only(await vault.decrypt(file))).toMatchObject({ status: 'done', bytes: content.length });
    expect(readFileSync(vault.path('a')).equals(content)).toBe(true);
    expect(only(await vault.decrypt(file, { salvage: true })).error?.code).toBe(
      'UnsupportedOperationException',
    );
    const range = { first: 10, last: 19 };
    const out = vault.path('part');
    expect(only(await vault.decrypt(file, { range, out }))).toMatchObject({ status: 'done', bytes: 10 });
    expect(readFileSync(out).equals(content.subarray(10, 20))).toBe(true);
    expect(Math.max(...alloc.mock.calls.map(([size]) => size))).toBeLessThan(1 << 20);
  });
});
