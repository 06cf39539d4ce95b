import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type nativeVectors, vectorPlaintext } from '../../vectors/generate-native.ts';
import { decryptAlone } from './support.ts';

type Vectors = Awaited<ReturnType<typeof nativeVectors>>;

const path = join(import.meta.dirname, '../../vectors/native.json');
const { files, edited, wrapping } = JSON.parse(readFileSync(path, 'utf8')) as Vectors;
const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');
const material = {
  format: 'keyward key material',
  formatVersion: 1,
  keyId: wrapping.keyId,
  versionId: wrapping.versionId,
  material: base64(wrapping.material),
};

describe('the decryptor without Keyward', () => {
  it.each(files)('opens with a version and with a data key: $name', (vector) => {
    const file = Buffer.from(vector.file, 'base64');
    const { messageId, dataKey } = vector;
    const own = { format: 'keyward data key', messageId, dataKey: base64(dataKey) };
    for (const key of [material, own]) {
      const { code, said, plaintext, left } = decryptAlone(file, [key]);
      expect([code, said, left]).toEqual([0, expect.stringMatching(/^Decrypted to /), ['out']]);
      expect(plaintext?.equals(vectorPlaintext(vector.plaintextLength))).toBe(true);
    }
  });

  it.each(edited)('answers as the format says: $name', (vector) => {
    const of = files.find(({ name }) => name === vector.of);
    const bytes = Buffer.from(of?.file ?? '', 'base64');
    const cut = 'cutTo' in vector ? bytes.subarray(0, vector.cutTo) : bytes;
    const whole = 'append' in vector ? Buffer.concat([cut, Buffer.from(vector.append, 'hex')]) : cut;
    for (const at of 'flip' in vector ? vector.flip : []) whole[at] = (whole[at] ?? 0) ^ 1;
    const { code, said, left } = decryptAlone(whole, [material]);
    expect(code).toBe(vector.code === null ? 0 : 5);
    expect(said).toContain(vector.code ?? 'Decrypted to');
    expect(left).toEqual(vector.code === null ? ['out'] : []);
  });

  it('refuses every bit that is flipped in a slot, the commitment or the HMAC of both copies', () => {
    const vector = files.find(({ name }) => name === 'one byte');
    const bytes = Buffer.from(vector?.file ?? '', 'base64');
    const immutable = (vector?.immutable.length ?? 0) / 2;
    for (const at of [immutable, immutable + 42 + 60, immutable + 42 + 187 - 1, 4096 - 64]) {
      const changed = Buffer.from(bytes);
      for (const copy of [0, 4096]) {
        changed[copy + at] = (changed[copy + at] ?? 0) ^ 1;
        resum(changed.subarray(copy, copy + 4096));
      }
      const { code, left } = decryptAlone(changed, [material]);
      expect([at, code, left]).toEqual([at, 5, []]);
    }
  });

  it('says which key a file wants, and opens nothing with another', () => {
    const file = Buffer.from(files[0]?.file ?? '', 'base64');
    const other = decryptAlone(file, [{ ...material, versionId: '00'.repeat(32) }]);
    expect([other.code, other.left]).toEqual([5, []]);
    expect(other.said).toContain(`WrongKey: No key that was given opens this file`);
    expect(other.said).toContain(wrapping.versionId);
    // Of the right name, but not that version's: it can't be told from a wrapped key that someone changed.
    const forged = decryptAlone(file, [{ ...material, material: base64('00'.repeat(32)) }]);
    expect([forged.code, forged.left]).toEqual([5, []]);
    expect(forged.said).toContain('FileDamaged');
  });
});

function resum(area: Buffer): void {
  createHash('sha256')
    .update(area.subarray(0, -32))
    .digest()
    .copy(area, area.length - 32);
}
