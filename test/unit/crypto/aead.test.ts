import { afterEach, describe, expect, it } from 'vitest';
import {
  gcmDecrypt,
  gcmDecryptInto,
  gcmEncrypt,
  gcmEncryptInto,
  SEAL_BYTES,
  seal,
  setAeadWitness,
  TAG_BYTES,
  unseal,
} from '../../../src/main/crypto/aead.ts';

const key = Buffer.alloc(32, 1);
const iv = Buffer.alloc(12, 2);
const aad = Buffer.from('bound');
const text = Buffer.from('a quiet afternoon');

afterEach(() => setAeadWitness(undefined));

describe('AES-GCM', () => {
  it('opens what it made, the empty plaintext included', () => {
    for (const plaintext of [text, Buffer.alloc(0), Buffer.alloc(100_000, 9)]) {
      const sealed = gcmEncrypt(key, iv, aad, plaintext);
      expect(sealed).toHaveLength(plaintext.length + TAG_BYTES);
      expect(gcmDecrypt(key, iv, aad, sealed)).toEqual(plaintext);
    }
  });

  it('writes into a given buffer what it gives in a new one', () => {
    const output = Buffer.alloc(text.length + TAG_BYTES);
    gcmEncryptInto(output, key, iv, aad, text);
    expect(output).toEqual(gcmEncrypt(key, iv, aad, text));
  });

  it('leaves next to nothing for the collector, however much it works on', () => {
    const plaintext = Buffer.alloc(8 << 20, 5);
    const sealed = Buffer.alloc(plaintext.length + TAG_BYTES);
    const before = process.memoryUsage().arrayBuffers;
    for (let n = 0; n < 2; n++) gcmEncryptInto(sealed, key, Buffer.alloc(12, n), aad, plaintext);
    expect(gcmDecryptInto(plaintext, key, Buffer.alloc(12, 1), aad, sealed)).toBe(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
    expect(plaintext.equals(Buffer.alloc(8 << 20, 5))).toBe(true);
  });

  it('refuses a flip at every byte, every truncation, other data, another IV, another key', () => {
    const sealed = gcmEncrypt(key, iv, aad, text);
    for (let at = 0; at < sealed.length; at++) {
      const forged = Buffer.from(sealed);
      forged[at] = (forged[at] ?? 0) ^ 0x80;
      expect(gcmDecrypt(key, iv, aad, forged)).toBeUndefined();
      expect(gcmDecrypt(key, iv, aad, sealed.subarray(0, at))).toBeUndefined();
    }
    expect(gcmDecrypt(key, iv, Buffer.from('other'), sealed)).toBeUndefined();
    expect(gcmDecrypt(key, Buffer.alloc(12), aad, sealed)).toBeUndefined();
    expect(gcmDecrypt(Buffer.alloc(32), iv, aad, sealed)).toBeUndefined();
  });

  it('shows every encryption to the witness and none after it has gone', () => {
    const seen: string[] = [];
    setAeadWitness((k, i) =>
      seen.push(`${Buffer.from(k).toString('hex')} ${Buffer.from(i).toString('hex')}`),
    );
    gcmEncrypt(key, iv, aad, text);
    seal(key, 'info', aad, text);
    setAeadWitness(undefined);
    gcmEncrypt(key, iv, aad, text);
    expect(seen).toHaveLength(2);
    expect(seen[0]).toBe(`${key.toString('hex')} ${iv.toString('hex')}`);
  });
});

describe('seal', () => {
  it('opens under the same key, info and data only', () => {
    const sealed = seal(key, 'info', aad, text);
    expect(sealed).toHaveLength(text.length + SEAL_BYTES);
    expect(unseal(key, 'info', aad, sealed)).toEqual(text);
    expect(unseal(key, 'other', aad, sealed)).toBeUndefined();
    expect(unseal(key, 'info', Buffer.from('x'), sealed)).toBeUndefined();
    expect(unseal(Buffer.alloc(32), 'info', aad, sealed)).toBeUndefined();
  });

  it('refuses a flip at every byte, in the salt too, and every truncation', () => {
    const sealed = seal(key, 'info', aad, text);
    for (let at = 0; at < sealed.length; at++) {
      const forged = Buffer.from(sealed);
      forged[at] = (forged[at] ?? 0) ^ 1;
      expect(unseal(key, 'info', aad, forged)).toBeUndefined();
      expect(unseal(key, 'info', aad, sealed.subarray(0, at))).toBeUndefined();
    }
  });

  it('uses another key and IV each time', () => {
    const pairs = new Set<string>();
    setAeadWitness((k, i) => pairs.add(`${Buffer.from(k).toString('hex')}${Buffer.from(i).toString('hex')}`));
    for (let i = 0; i < 200; i++) seal(key, 'info', aad, text);
    expect(pairs.size).toBe(200);
  });
});
