import { createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KeywardError } from '../../../src/shared/errors.ts';
import { nativeVectors, vectorPlaintext } from '../../vectors/generate-native.ts';
import { decryptBytes } from './support.ts';

type Vectors = Awaited<ReturnType<typeof nativeVectors>>;

const path = join(import.meta.dirname, '../../vectors/native.json');
const kept = JSON.parse(readFileSync(path, 'utf8')) as Vectors;
const hex = (text: string) => Buffer.from(text, 'hex');

describe('native vectors', () => {
  it('are still what the code makes', async () => {
    expect(JSON.parse(JSON.stringify(await nativeVectors()))).toEqual(kept);
  });

  it.each(kept.files)('decrypt: $name', async (vector) => {
    const { plaintext, metadata, state } = await decryptBytes(
      Buffer.from(vector.file, 'base64'),
      hex(vector.dataKey),
    );
    expect(plaintext.equals(vectorPlaintext(vector.plaintextLength))).toBe(true);
    expect(state).toMatchObject({ fellBack: false, header: { generation: vector.generation } });
    expect(metadata.name).toBe(vector.metadata?.name);
    expect(metadata.modified).toBe(vector.metadata ? BigInt(vector.metadata.modified) : undefined);
  });

  it.each(kept.edited)('answer: $name', async (edited) => {
    const vector = kept.files.find(({ name }) => name === edited.of);
    const bytes = Buffer.from(vector?.file ?? '', 'base64');
    const cut = 'cutTo' in edited ? bytes.subarray(0, edited.cutTo) : bytes;
    const whole = 'append' in edited ? Buffer.concat([cut, hex(edited.append)]) : cut;
    for (const at of 'flip' in edited ? edited.flip : []) whole[at] = (whole[at] ?? 0) ^ 1;
    const answer = await decryptBytes(whole, hex(vector?.dataKey ?? '')).then(
      () => null,
      (error: unknown) => (error instanceof KeywardError ? error.code : error),
    );
    expect(answer).toBe(edited.code);
  });
});

/** A second reader, written from docs/format.md and from nothing else, with Node's own functions. */
describe('a reader made from the specification alone', () => {
  const derive = (ikm: Buffer, salt: Buffer, info: string | Buffer, length: number) =>
    Buffer.from(hkdfSync('sha512', ikm, salt, info, length));
  const open = (key: Buffer, iv: Buffer, aad: Buffer, sealed: Buffer) => {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: 16 });
    decipher.setAAD(aad).setAuthTag(sealed.subarray(-16));
    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  };
  const u32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };

  it('unwraps the data key', () => {
    const { wrapping, contexts } = kept;
    const blob = hex(wrapping.blob);
    const derived = derive(hex(wrapping.material), blob.subarray(49, 81), blob.subarray(0, 81), 44);
    const aad = Buffer.concat([blob.subarray(0, 81), hex(contexts[2]?.bytes ?? '')]);
    expect(open(derived.subarray(0, 32), derived.subarray(32), aad, blob.subarray(81)).toString('hex')).toBe(
      wrapping.dataKey,
    );
    expect(derived.toString('hex')).toBe(wrapping.key + wrapping.iv);
  });

  it.each(kept.frames)('opens frame $sequence, final $final', (vector) => {
    const frame = hex(vector.frame);
    const start = vector.final ? 4 : 0;
    expect(frame.readUInt32BE(start)).toBe(vector.sequence);
    const iv = frame.subarray(start + 4, start + 16);
    expect(iv.toString('hex')).toBe(vector.iv);
    const sealed = frame.subarray(vector.final ? 24 : 16);
    const back = open(hex(vector.key), iv, hex(vector.additionalData), sealed);
    expect(back.equals(vectorPlaintext(vector.plaintextLength))).toBe(true);
  });

  it.each(kept.files)('opens $name with exported key material', (vector) => {
    const file = Buffer.from(vector.file, 'base64');
    const areaLength = file.readUInt32BE(16);
    const area = file.subarray(0, areaLength);
    expect(file.subarray(areaLength, 2 * areaLength).equals(area)).toBe(true);
    const sha256 = createHash('sha256').update(area.subarray(0, -32)).digest();
    expect(sha256.equals(area.subarray(-32))).toBe(true);
    const frameLength = 2 ** area.readUInt8(14);
    const messageId = area.subarray(20, 52);

    const contextEnd = 54 + area.readUInt16BE(52);
    const immutableEnd = contextEnd + 2 + area.readUInt16BE(contextEnd);
    const slotAt = immutableEnd + 42;
    expect(area.readUInt16BE(slotAt)).toBe(1);
    const blob = area.subarray(slotAt + 4 + 18 + 34 + 2, slotAt + 4 + 18 + 34 + 2 + 129);

    const user = area.subarray(54, contextEnd);
    const own = Buffer.from('keyward:message-id');
    const ownPair = Buffer.concat([
      Buffer.of(0, 18),
      own,
      Buffer.of(0, 64),
      Buffer.from(messageId.toString('hex')),
    ]);
    const pairs: Buffer[] = [ownPair];
    for (let at = 2; at < user.length; ) {
      const keyEnd = at + 2 + user.readUInt16BE(at);
      const end = keyEnd + 2 + user.readUInt16BE(keyEnd);
      pairs.push(user.subarray(at, end));
      at = end;
    }
    const name = (pair: Buffer) => pair.subarray(2, 2 + pair.readUInt16BE(0));
    pairs.sort((a, b) => Buffer.compare(name(a), name(b)));
    const context = Buffer.concat([Buffer.of(0, pairs.length), ...pairs]);

    const wrap = derive(hex(kept.wrapping.material), blob.subarray(49, 81), blob.subarray(0, 81), 44);
    const wrapAad = Buffer.concat([blob.subarray(0, 81), context]);
    const dataKey = open(wrap.subarray(0, 32), wrap.subarray(32), wrapAad, blob.subarray(81));
    expect(dataKey.toString('hex')).toBe(vector.dataKey);

    const salt = createHash('sha512').update(area.subarray(0, immutableEnd)).digest();
    const commitment = derive(dataKey, salt, 'keyward/1/commit', 32);
    expect(commitment.equals(area.subarray(immutableEnd, immutableEnd + 32))).toBe(true);
    const headerKey = derive(dataKey, salt, 'keyward/1/header', 32);
    const mac = createHmac('sha512', headerKey).update(area.subarray(0, -64)).digest().subarray(0, 32);
    expect(mac.equals(area.subarray(-64, -32))).toBe(true);

    if (vector.metadataBlock !== null) {
      const metadataKey = derive(dataKey, messageId, 'keyward/1/meta', 32);
      const sealed = area.subarray(contextEnd + 2, immutableEnd);
      const block = open(metadataKey, Buffer.alloc(12), area.subarray(0, contextEnd + 2), sealed);
      expect(block.toString('hex')).toBe(vector.metadataBlock);
    }

    const payloadKey = derive(dataKey, salt, 'keyward/1/payload', 32);
    const plaintext: Buffer[] = [];
    for (let at = 2 * areaLength, sequence = 1; at < file.length; sequence++) {
      const final = file.readUInt32BE(at) === 0xffff_ffff;
      const length = final ? file.readUInt32BE(at + 20) : frameLength;
      const from = at + (final ? 24 : 16);
      const label = Buffer.from(`AWSKMSEncryptionClient ${final ? 'Final ' : ''}Frame`);
      const aad = Buffer.concat([messageId, label, u32(sequence), u32(0), u32(length)]);
      at = from + length + 16;
      plaintext.push(
        open(payloadKey, Buffer.concat([Buffer.alloc(8), u32(sequence)]), aad, file.subarray(from, at)),
      );
    }
    expect(Buffer.concat(plaintext).equals(vectorPlaintext(vector.plaintextLength))).toBe(true);
  });
});
