import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import {
  buildClient,
  CommitmentPolicy,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from '@aws-crypto/client-node';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { errorText } from '../../src/messages/errors.ts';
import { only } from '../support/live-vault.ts';
import { oneVault } from '../support/one-vault.ts';

const client = buildClient(CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT);
const exported = z.object({
  keys: z.tuple([z.object({ namespace: z.string(), name: z.string(), key: z.base64() })]),
});

const vault = await oneVault();

const SUITES = ['0478', '0578'] as const;

async function encrypted(content: Buffer, suite: (typeof SUITES)[number] = '0478', key?: string) {
  writeFileSync(vault.path('a'), content);
  const more = { aws: { suite }, context: { matter: '17' }, ...(key === undefined ? {} : { key }) };
  const result = only(await vault.encrypt(vault.path('a'), more));
  expect(result).toMatchObject({ status: 'done', bytes: content.length });
  rmSync(vault.path('a'));
  return vault.path('a.keyward');
}

function official({ namespace, name, key }: { namespace: string; name: string; key: string }) {
  return new RawAesKeyringNode({
    keyNamespace: namespace,
    keyName: name,
    unencryptedMasterKey: Uint8Array.from(Buffer.from(key, 'base64')),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
    utf8Sorting: true,
  });
}

describe.each(SUITES)('an AWS message of suite %s', (suite) => {
  it.each([0, 1, 4096, 4097, 300_000])('of %i bytes comes back', async (length) => {
    const content = randomBytes(length);
    const file = await encrypted(content, suite);
    expect(await vault.verify(file)).toMatchObject({ status: 'done', bytes: length });
    const quick = await vault.call('files.verify', { sources: [file], each: false, quick: true });
    expect(only(quick.results)).toMatchObject({ status: 'done', bytes: length });
    expect(only(await vault.decrypt(file))).toMatchObject({ status: 'done', bytes: length });
    expect(readFileSync(vault.path('a')).equals(content)).toBe(true);
  });

  it('is refused when any part of it was changed, cut or extended, and nothing is left', async () => {
    const file = await encrypted(randomBytes(9_000), suite);
    const whole = readFileSync(file);
    for (const at of [3, 40, 200, 700, whole.length - 200, whole.length - 3]) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      writeFileSync(file, bytes);
      expect(only(await vault.decrypt(file)).status).toBe('failed');
      expect((await vault.verify(file)).status).toBe('failed');
    }
    for (const bytes of [whole.subarray(0, -1), whole.subarray(0, 5_000), Buffer.concat([whole, whole])]) {
      writeFileSync(file, bytes);
      expect(['FileTruncated', 'FileDamaged']).toContain(only(await vault.decrypt(file)).error?.code);
    }
    expect(vault.list()).toEqual(['a.keyward']);
  });

  it('is read by the official client with the exported key', async () => {
    const content = randomBytes(5_000);
    const file = await encrypted(content, suite);
    const { document } = await vault.call('keys.exportMaterial', {
      key: 'my-files',
      form: 'aws',
      credential: { kind: 'recovery-phrase', phrase: vault.phrase },
    });
    const [key] = exported.parse(JSON.parse(document)).keys;
    const { plaintext, messageHeader } = await client.decrypt(official(key), readFileSync(file));
    expect(Buffer.from(plaintext).equals(content)).toBe(true);
    expect(messageHeader.encryptionContext).toMatchObject({ matter: '17' });
  });
});

describe.each(SUITES)('without its key, a message of suite %s', (suite) => {
  it('tells its key, version, context and sizes', async () => {
    const file = await encrypted(randomBytes(9_000), suite);
    const key = await vault.call('keys.describe', { key: 'my-files' });
    expect(await vault.call('files.inspect', { source: file })).toMatchObject({
      format: 'aws-encryption-sdk/2',
      suite: `0x${suite}`,
      frames: 3,
      frameLength: 4_096,
      plaintextBytes: 9_000,
      context: { matter: '17' },
      slots: [{ kind: 'local', key: key.keyId, version: key.currentVersion }],
    });
  });
});

/** Streams for one call, and what came out of them. */
function streams(input: Buffer) {
  const chunks: Buffer[] = [];
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { streams: { input: Readable.from([input]), output }, given: () => Buffer.concat(chunks) };
}

describe.each(SUITES)('through a pipe, a message of suite %s', (suite) => {
  async function piped(input: Buffer, buffered: boolean): Promise<Buffer> {
    const { streams: both, given } = streams(input);
    let code = '';
    await vault
      .call('files.decryptStream', { buffered }, { streams: both })
      .catch((error: { code: string }) => {
        code = error.code;
      });
    return Buffer.concat([given(), Buffer.from(code)]);
  }

  it.each([0, 4_096, 30_000])('of %i bytes is written, and comes back', async (length) => {
    const content = randomBytes(length);
    const { streams: both, given } = streams(content);
    const job = { aws: { suite }, context: { matter: '17' } };
    expect(await vault.call('files.encryptStream', job, { streams: both })).toEqual({ bytes: length });
    writeFileSync(vault.path('a'), given());
    expect(await vault.call('files.inspect', { source: vault.path('a') })).toMatchObject({
      suite: `0x${suite}`,
      plaintextBytes: length,
      context: { matter: '17' },
    });
    expect((await piped(given(), false)).equals(content)).toBe(true);
  });

  it.each([true, false])('comes out equal; buffered: %s', async (buffered) => {
    for (const length of [0, 1, 4_096, 30_000]) {
      const content = randomBytes(length);
      const file = await encrypted(content, suite);
      expect((await piped(readFileSync(file), buffered)).equals(content)).toBe(true);
      rmSync(file);
    }
  });

  it('gives nothing of a cut one, where it was asked to wait or is signed', async () => {
    const file = await encrypted(randomBytes(30_000), suite);
    const cut = readFileSync(file).subarray(0, -30);
    expect((await piped(cut, true)).toString()).toMatch(/^File(Truncated|Damaged)$/);
    if (suite === '0578') expect((await piped(cut, false)).toString()).toMatch(/^File(Truncated|Damaged)$/);
  });
});

describe('the keys of AWS messages', () => {
  it('open after a rotation, are refused while disabled, and each use is in the log', async () => {
    const { keyId } = await vault.call('keys.create', { alias: 'messages', description: '' });
    const file = await encrypted(Buffer.from('dear diary'), '0478', 'messages');
    await vault.call('keys.rotate', { key: 'messages' });
    expect((await vault.verify(file)).status).toBe('done');
    await vault.call('keys.disable', { key: 'messages' });
    expect((await vault.verify(file)).error?.code).toBe('DisabledException');
    writeFileSync(vault.path('b'), 'b');
    const refused = only(await vault.encrypt(vault.path('b'), { aws: { suite: '0478' }, key: 'messages' }));
    expect(refused.error?.code).toBe('DisabledException');
    const { entries } = await vault.call('audit.list', { limit: 10, key: keyId });
    const told = entries.map(({ eventName, errorCode }) => [eventName, errorCode ?? null]);
    expect(told).toContainEqual(['GenerateDataKey', null]);
    expect(told).toContainEqual(['GenerateDataKey', 'DisabledException']);
    expect(told).toContainEqual(['Decrypt', null]);
    expect(told).toContainEqual(['Decrypt', 'DisabledException']);
    expect((await vault.call('audit.verify', {})).ok).toBe(true);
  });

  it('of other people come from a keyring, which is needed', async () => {
    const key = { namespace: 'office', name: 'tax', key: randomBytes(32).toString('base64') };
    const content = randomBytes(20_000);
    const { result } = await client.encrypt(official(key), content, { encryptionContext: { year: '2026' } });
    const file = vault.path('return.pdf.encrypted');
    writeFileSync(file, result);
    const json = (more: object) => JSON.stringify({ keys: [{ type: 'raw-aes', ...key }], ...more });
    const keyring = (more: object) => ({ keyring: { name: 'keys.json', json: json(more) } });
    // This client signs, and does not commit: the user has to say so.
    expect(only(await vault.decrypt(file, keyring({}))).error?.code).toBe('UnsupportedOperationException');
    const out = vault.path('return.pdf');
    const allowed = { allowNonCommitting: true };
    const foreign = { type: 'raw-aes', ...key, name: 'other' };
    const none = {
      keyring: { name: 'keys.json', json: JSON.stringify({ keys: [foreign], ...allowed }) },
    };
    expect(only(await vault.decrypt(file, none)).error?.code).toBe('UnsupportedSlot');
    const wrong = keyring({ ...allowed, context: { year: '2025' } });
    expect(only(await vault.decrypt(file, { ...wrong, out })).error?.code).toBe('InvalidCiphertextException');
    const right = keyring({ ...allowed, context: { year: '2026' } });
    expect(only(await vault.decrypt(file, { ...right, out })).status).toBe('done');
    expect(readFileSync(out).equals(content)).toBe(true);
    for (const buffered of [true, false]) {
      const { streams: both, given } = streams(result);
      await vault.call('files.decryptStream', { buffered, ...right }, { streams: both });
      expect(given().equals(content)).toBe(true);
    }
    await expect(
      vault.decrypt(file, { keyring: { name: 'keys.json', json: '{"keys":[{}]}' } }),
    ).rejects.toMatchObject({ code: 'ValidationException' });
  });
});

describe.each(SUITES)('moving a message of suite %s', (suite) => {
  it('is refused as a rewrap, with what to do instead, and the file stays as it was', async () => {
    const file = await encrypted(randomBytes(5_000), suite);
    const before = readFileSync(file);
    const { results } = await vault.call('files.rewrap', { sources: [file], each: false });
    expect(only(results)).toMatchObject({
      status: 'failed',
      error: { code: 'UnsupportedOperationException' },
    });
    expect(errorText(only(results).error ?? { message: '' }, 'command')).toContain('keyward reencrypt');
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('makes it anew under the current version, with its content, context and suite', async () => {
    const content = randomBytes(50_000);
    await vault.call('keys.create', { alias: `moves-${suite}`, description: '' });
    const file = await encrypted(content, suite, `moves-${suite}`);
    await vault.call('keys.rotate', { key: `moves-${suite}` });
    const before = await vault.call('files.inspect', { source: file });
    expect(before.slots).toMatchObject([{ newerVersion: true }]);
    const { results } = await vault.call('files.reencrypt', { sources: [file], each: false });
    expect(only(results)).toMatchObject({ status: 'done', bytes: 50_000 });
    const after = await vault.call('files.inspect', { source: file });
    expect(after.slots).toMatchObject([{ key: before.slots[0]?.key, newerVersion: false }]);
    expect(after).toMatchObject({ suite: `0x${suite}`, context: { matter: '17' } });
    expect(after.messageId).not.toBe(before.messageId);
    await vault.decrypt(file);
    expect(readFileSync(vault.path('a')).equals(content)).toBe(true);
  });

  it('leaves a damaged one as it was', async () => {
    const file = await encrypted(randomBytes(50_000), suite);
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(30_000) ^ 1, 30_000);
    writeFileSync(file, bytes);
    const { results } = await vault.call('files.reencrypt', { sources: [file], each: false });
    expect(only(results)).toMatchObject({ status: 'failed', error: { code: 'FileDamaged' } });
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expect(vault.list()).toEqual(['a.keyward']);
  });
});

describe('parts of AWS messages', () => {
  const part = { overwrite: false, each: false };

  it('ranges and salvage work without a signature', async () => {
    const content = randomBytes(50_000);
    const file = await encrypted(content);
    const out = vault.path('piece');
    const range = { ...part, sources: [file], out, range: { first: 4_000, last: 9_000 } };
    expect(only((await vault.call('files.decrypt', range)).results).bytes).toBe(5_001);
    expect(readFileSync(out).equals(content.subarray(4_000, 9_001))).toBe(true);
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(30_000) ^ 1, 30_000);
    writeFileSync(file, bytes);
    const saved = only(
      (await vault.call('files.decrypt', { ...part, sources: [file], salvage: true })).results,
    );
    expect(saved).toMatchObject({ status: 'failed', bytes: 50_000 - 4_096, error: { code: 'FileDamaged' } });
  });

  it('are refused of a signed one', async () => {
    const file = await encrypted(randomBytes(50_000), '0578');
    const out = vault.path('piece');
    for (const more of [{ out, range: { first: 0, last: 9 } }, { salvage: true }]) {
      const result = only((await vault.call('files.decrypt', { ...part, sources: [file], ...more })).results);
      expect(result.error?.code).toBe('UnsupportedOperationException');
    }
    expect(vault.list()).toEqual(['a.keyward']);
  });
});
