import { constants, createHash, publicEncrypt, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { composeMessage, draftMessage } from '../../../src/main/envelope/aws/compose.ts';
import { decodeAwsContext } from '../../../src/main/envelope/aws/context.ts';
import { canFlow, decryptAwsStream } from '../../../src/main/envelope/aws/decrypt.ts';
import { encryptAwsStream } from '../../../src/main/envelope/aws/encrypt.ts';
import { looksLikeAws, readAwsHeader } from '../../../src/main/envelope/aws/header.ts';
import { keyringOpeners, parseKeyring } from '../../../src/main/envelope/aws/keyring.ts';
import { rawAesName, wrapRawAes } from '../../../src/main/envelope/aws/raw-aes.ts';
import { errorText } from '../../../src/messages/errors.ts';
import { asKeywardError } from '../../../src/shared/errors.ts';
import { decryptAws, encryptAws, openAws, rsaPair, WRAPPING } from './aws-support.ts';
import { memorySink, memorySource, pattern } from './support.ts';

const code = (error: unknown) => (error as { code?: unknown }).code;
const refusal = (promise: Promise<unknown>) => promise.then(() => 'accepted', code);
const SUITES = [0x0478, 0x0578] as const;

describe('AWS messages that are written', () => {
  it.each(SUITES)('come back at every frame length and around every boundary: suite %i', async (suite) => {
    for (const frameLength of [1, 512, 4096, 65_536]) {
      for (const frames of [0, 1, 2]) {
        for (const more of [-1, 0, 1]) {
          const length = frames * frameLength + more;
          if (length < 0) continue;
          const plaintext = pattern(length);
          const { bytes, result } = await encryptAws(plaintext, { suite, frameLength });
          expect(result).toEqual({ plaintextLength: length, fileLength: bytes.length });
          const done = await decryptAws(bytes);
          expect(done.plaintext.equals(plaintext)).toBe(true);
          expect([done.checked.plaintextLength, done.length]).toEqual([length, length]);
          expect((await decryptAws(bytes, undefined, { mostInMemory: 0 })).plaintext.equals(plaintext)).toBe(
            true,
          );
        }
      }
    }
  });

  it('flow through a pipe when they have no signature', async () => {
    const plaintext = pattern(10_000);
    const { bytes } = await encryptAws(plaintext);
    const { message } = await openAws(bytes);
    const sink = memorySink();
    await decryptAwsStream(message, memorySource(bytes.subarray(message.header.bodyAt)), sink);
    expect(sink.bytes().equals(plaintext)).toBe(true);
    const signed = await encryptAws(plaintext, { suite: 0x0578 });
    expect(canFlow(signed.message.header)).toBe(false);
    await expect(decryptAwsStream(signed.message, memorySource(signed.bytes), sink)).rejects.toThrow(
      RangeError,
    );
  });

  it('serve one encryption (property 11)', async () => {
    const { message } = await encryptAws(pattern(10));
    await expect(encryptAwsStream(message, memorySource(pattern(10)), memorySink())).rejects.toThrow('twice');
  });

  it('take only input within bounds', () => {
    expect(() => draftMessage({ 'aws-crypto-x': 'y' })).toThrow(
      expect.objectContaining({ reason: 'context-name-reserved' }),
    );
    const draft = draftMessage({});
    const key = randomBytes(32);
    const edk = wrapRawAes(WRAPPING, key, draft.context);
    expect(rawAesName(edk)).toBe('test key');
    for (const frameLength of [0, 1.5, 2 ** 24 + 1]) {
      expect(() => composeMessage(draft, key, [edk], frameLength)).toThrow(
        expect.objectContaining({ reason: 'aws-frame-length' }),
      );
    }
    expect(() => composeMessage(draft, key, [])).toThrow(
      expect.objectContaining({ reason: 'aws-key-count' }),
    );
    expect(() => composeMessage(draft, key, Array(21).fill(edk))).toThrow(
      expect.objectContaining({ reason: 'aws-key-count' }),
    );
    expect(() => composeMessage(draft, key.subarray(1), [edk])).toThrow(RangeError);
  });
});

describe('AWS messages that were changed', () => {
  it.each(SUITES)(
    'are refused whichever bit is flipped, unproven bytes withheld: suite %i',
    async (suite) => {
      const { bytes } = await encryptAws(pattern(70), { suite, frameLength: 32 });
      expect((await decryptAws(bytes)).length).toBe(70);
      for (const mostInMemory of [1 << 26, 0]) {
        for (let bit = 0; bit < bytes.length * 8; bit += mostInMemory === 0 ? 7 : suite === 0x0578 ? 3 : 1) {
          const changed = Buffer.from(bytes);
          changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          const error = await decryptAws(changed, undefined, {
            mostInMemory,
            allowNonCommitting: true,
          }).catch((reason: unknown) => reason as { code?: string; released?: number });
          // Verified frames of an unsigned message are given before a bad one is met; the last one is met first.
          const released = mostInMemory === 0 || suite === 0x0578 ? 0 : 32;
          expect([bit, REFUSALS.has(String(code(error)))]).toEqual([bit, true]);
          expect('released' in error ? error.released : 0).toBeLessThanOrEqual(released);
        }
      }
    },
  );

  it.each(SUITES)('are refused when cut at any byte or continued: suite %i', async (suite) => {
    const { bytes } = await encryptAws(pattern(70), { suite, frameLength: 32 });
    for (let length = 0; length < bytes.length; length++) {
      const answer = await refusal(decryptAws(bytes.subarray(0, length)));
      expect([length, ['FileTruncated', 'FileDamaged'].includes(String(answer))]).toEqual([length, true]);
    }
    for (const more of [1, 3, 100, 5000]) {
      const answer = await refusal(decryptAws(Buffer.concat([bytes, Buffer.alloc(more)])));
      expect([more, ['FileTruncated', 'FileDamaged'].includes(String(answer))]).toEqual([more, true]);
    }
  });
});

const REFUSALS = new Set([
  'FileDamaged',
  'FileTruncated',
  'WrongKey',
  'NotKeywardFile',
  'UnsupportedSlot',
  'HeaderTooLarge',
]);

describe('headers of AWS messages', () => {
  it('are told from other files', async () => {
    const { bytes } = await encryptAws(pattern(1));
    expect(looksLikeAws(bytes.subarray(0, 4))).toBe(true);
    for (const start of ['KEYWARD\n', '\x01\x80', '\x01\x80\x04\x78', '\x02\x00\x14\x00', '']) {
      expect(looksLikeAws(Buffer.from(start, 'latin1'))).toBe(false);
    }
    expect(await refusal(readAwsHeader(memorySource(Buffer.from('KEYWARD\n'))))).toBe('NotKeywardFile');
    expect(await refusal(readAwsHeader(memorySource(Buffer.alloc(0))))).toBe('FileTruncated');
  });

  it('are read within bounds, however long the source', async () => {
    const head = Buffer.concat([Buffer.from('020478', 'hex'), Buffer.alloc(34)]);
    const many = Buffer.concat([head, Buffer.from('0015', 'hex'), Buffer.alloc(8000)]);
    expect(await refusal(readAwsHeader(memorySource(many)))).toBe('HeaderTooLarge');
    const endless = Buffer.alloc(3 << 20, 0xff);
    Buffer.concat([head, Buffer.from('0014', 'hex')]).copy(endless);
    let read = 0;
    const source = memorySource(endless);
    const counting = {
      name: 'x',
      length: undefined,
      read: async (into: Uint8Array) => {
        read += into.length;
        return source.read(into);
      },
    };
    expect(await refusal(readAwsHeader(counting))).toBe('HeaderTooLarge');
    expect(read).toBe(1 << 20);
    const { bytes } = await encryptAws(pattern(1));
    expect(await refusal(readAwsHeader(memorySource(bytes), { mostEdks: 0 }))).toBe('HeaderTooLarge');
  });

  it('longer than the first read are put together', async () => {
    const { bytes, message } = await encryptAws(pattern(5), { context: { long: 'x'.repeat(7000) } });
    const { header, rest } = await readAwsHeader(memorySource(bytes));
    expect(header.bodyAt).toBe(message.header.bodyAt);
    expect(rest.equals(bytes.subarray(header.bodyAt))).toBe(true);
    expect((await decryptAws(bytes)).plaintext.equals(pattern(5))).toBe(true);
  });

  it('hold a context in any order, but no key twice and nothing malformed', () => {
    const decode = (hex: string) => decodeAwsContext(Buffer.from(hex, 'hex'));
    const [a, b] = ['000161000131', '000162000132'];
    expect(decode(`0002${b}${a}`)).toEqual({ a: '1', b: '2' });
    expect(decode('')).toEqual({});
    expect(decode('0000')).toEqual({});
    expect(decode(`0002${a}${a}`)).toBeUndefined();
    expect(decode(`0002${a}`)).toBeUndefined();
    expect(decode(`0001${a}${b}`)).toBeUndefined();
    expect(decode('00010001ff000131')).toBeUndefined();
    expect(decode('00')).toBeUndefined();
  });

  it('agree with the context that is given', async () => {
    const { bytes } = await encryptAws(pattern(5), { context: { a: '1', b: '2' } });
    expect((await decryptAws(bytes, undefined, { context: { a: '1' } })).length).toBe(5);
    const other = decryptAws(bytes, undefined, { context: { a: '2' } });
    expect(await refusal(other)).toBe('InvalidCiphertextException');
    expect(await refusal(decryptAws(bytes, undefined, { context: { c: '1' } }))).toBe('UnsupportedSlot');
  });
});

describe('keys of AWS messages', () => {
  it('another data key is WrongKey, and the next slot is tried', async () => {
    const { bytes, dataKey } = await encryptAws(pattern(5));
    const wrong = { unwrap: async () => randomBytes(32) };
    expect(await refusal(decryptAws(bytes, [wrong]))).toBe('WrongKey');
    expect(await refusal(decryptAws(bytes, [{ unwrap: async () => randomBytes(16) }]))).toBe('WrongKey');
    expect((await decryptAws(bytes, [wrong, { unwrap: async () => Buffer.from(dataKey) }])).length).toBe(5);
    expect(await refusal(decryptAws(bytes, []))).toBe('UnsupportedSlot');
  });

  it.each([16, 24, 32])('raw AES keys of %i bytes wrap and unwrap', async (length) => {
    const key = { ...WRAPPING, key: randomBytes(length) };
    const draft = draftMessage({ ä: '1', '\u{1f600}': '2', '\uffee': '3' });
    const dataKey = randomBytes(32);
    const message = composeMessage(draft, dataKey, [wrapRawAes(key, dataKey, draft.context)]);
    const sink = memorySink();
    await encryptAwsStream(message, memorySource(pattern(9)), sink);
    const keyring = parseKeyring(
      JSON.stringify({
        keys: [
          { type: 'raw-aes', namespace: key.namespace, name: key.name, key: key.key.toString('base64') },
        ],
      }),
      'k.json',
    );
    expect((await decryptAws(sink.bytes(), keyringOpeners(keyring))).plaintext.equals(pattern(9))).toBe(true);
  });

  it.each(['pkcs1', 'oaep-sha1', 'oaep-sha256', 'oaep-sha384', 'oaep-sha512'])(
    'raw RSA: %s',
    async (padding) => {
      const { publicKey, privateKey } = rsaPair();
      const draft = draftMessage({});
      const dataKey = randomBytes(32);
      const oaepHash = padding.split('-')[1];
      const ciphertext = publicEncrypt(
        oaepHash === undefined
          ? { key: publicKey, padding: constants.RSA_PKCS1_PADDING }
          : { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash },
        dataKey,
      );
      const edk = { providerId: 'ns', info: Buffer.from('rsa'), ciphertext };
      const sink = memorySink();
      await encryptAwsStream(composeMessage(draft, dataKey, [edk]), memorySource(pattern(9)), sink);
      const keys = (pem: string, name = 'rsa') =>
        keyringOpeners(
          parseKeyring(
            JSON.stringify({ keys: [{ type: 'raw-rsa', namespace: 'ns', name, padding, pem }] }),
            'k.json',
          ),
        );
      expect((await decryptAws(sink.bytes(), keys(privateKey))).plaintext.equals(pattern(9))).toBe(true);
      expect(await refusal(decryptAws(sink.bytes(), keys(rsaPair().privateKey)))).toBe('UnsupportedSlot');
      expect(await refusal(decryptAws(sink.bytes(), keys(privateKey, 'other')))).toBe('UnsupportedSlot');
    },
  );

  it('keyring files name what is wrong with them, and no value', () => {
    const secret = createHash('sha256').update('secret').digest('base64');
    const entry = { type: 'raw-aes', namespace: 'n', name: 'a', key: secret };
    const files = [
      '{',
      '{}',
      JSON.stringify({ keys: [] }),
      JSON.stringify({ keys: [{ ...entry, key: secret.slice(4) }] }),
      JSON.stringify({ keys: [{ ...entry, extra: secret }] }),
      JSON.stringify({ keys: [entry], context: { a: 1 } }),
      // Lost on its way through objects, and the pair with it that must match.
      `{"keys":[${JSON.stringify(entry)}],"context":{"__proto__":"x"}}`,
      JSON.stringify({
        keys: [{ type: 'raw-rsa', namespace: 'n', name: 'a', padding: 'pkcs1', pem: secret }],
      }),
    ];
    for (const file of files) {
      let error: unknown;
      try {
        parseKeyring(file, 'ring.json');
      } catch (caught) {
        error = caught;
      }
      expect(code(error)).toBe('ValidationException');
      expect(errorText(asKeywardError(error))).toContain('ring.json');
      expect((error as Error).message).not.toContain(secret.slice(4, 20));
    }
  });
});
