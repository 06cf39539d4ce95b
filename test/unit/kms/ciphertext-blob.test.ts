import { afterEach, describe, expect, it } from 'vitest';
import { gcmDecrypt, setAeadWitness } from '../../../src/main/crypto/aead.ts';
import { hkdf } from '../../../src/main/crypto/hash.ts';
import {
  BLOB_HEADER_BYTES,
  openBlob,
  parseBlob,
  sealBlob,
} from '../../../src/main/kms/cipher/ciphertext-blob.ts';
import { encodeContext } from '../../../src/shared/context.ts';

const material = Buffer.alloc(32, 5);
const version = { keyId: '134f2428-cec1-4b25-a1ae-9048164dba47', versionId: 'ab'.repeat(32) };
const context = Buffer.from(encodeContext({ case: '17' }));
const plaintext = Buffer.from('a data key of 32 bytes, in clear');

function open(bytes: Uint8Array, other = context): Buffer | undefined {
  const parsed = parseBlob(bytes);
  return parsed === undefined ? undefined : openBlob(material, parsed, other);
}

afterEach(() => setAeadWitness(undefined));

describe('CiphertextBlob', () => {
  it('is version, key id, version id, nonce, ciphertext, tag; derived and bound as the format says', () => {
    const blob = sealBlob(material, version, context, plaintext);
    expect(blob).toHaveLength(81 + plaintext.length + 16);
    expect(blob[0]).toBe(1);
    expect(blob.subarray(1, 17).toString('hex')).toBe('134f2428cec14b25a1ae9048164dba47');
    expect(blob.subarray(17, 49).toString('hex')).toBe(version.versionId);
    const header = blob.subarray(0, 81);
    const derived = hkdf(material, blob.subarray(49, 81), header, 44);
    const aad = Buffer.concat([header, context]);
    expect(gcmDecrypt(derived.subarray(0, 32), derived.subarray(32), aad, blob.subarray(81))).toEqual(
      plaintext,
    );
    expect(BLOB_HEADER_BYTES).toBe(81);
    expect(parseBlob(blob)).toMatchObject(version);
  });

  it('opens with the same context only', () => {
    const blob = sealBlob(material, version, context, plaintext);
    expect(open(blob)).toEqual(plaintext);
    expect(open(blob, Buffer.from(encodeContext({ case: '18' })))).toBeUndefined();
    expect(open(blob, Buffer.alloc(0))).toBeUndefined();
  });

  it('does not open with another version’s material', () => {
    const parsed = parseBlob(sealBlob(material, version, context, plaintext));
    expect(parsed && openBlob(Buffer.alloc(32, 6), parsed, context)).toBeUndefined();
  });

  it('does not open after a change at any byte, cut at any byte, or longer', () => {
    const blob = sealBlob(material, version, context, plaintext);
    for (let at = 0; at < blob.length; at++) {
      const changed = Buffer.from(blob);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(open(changed), `byte ${at}`).toBeUndefined();
      expect(open(blob.subarray(0, at)), `cut at ${at}`).toBeUndefined();
    }
    expect(open(Buffer.concat([blob, Buffer.alloc(1)]))).toBeUndefined();
  });

  it('never uses a key and IV twice, not even for the same plaintext', () => {
    const pairs = new Set<string>();
    setAeadWitness((key, iv) =>
      pairs.add(`${Buffer.from(key).toString('hex')}/${Buffer.from(iv).toString('hex')}`),
    );
    for (let i = 0; i < 500; i++) sealBlob(material, version, context, plaintext);
    expect(pairs.size).toBe(500);
  });
});
