import { createCipheriv, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkFile, decryptFile, readRange } from '../../../src/main/envelope/body.ts';
import { planBody } from '../../../src/main/envelope/body-plan.ts';
import { decryptBody } from '../../../src/main/envelope/decrypt.ts';
import type { Body } from '../../../src/main/envelope/message-body.ts';
import { memoryFile, memorySink, memorySource, pattern } from './support.ts';

type Made = { readonly body: Body; readonly bytes: Buffer; readonly plaintext: Buffer };

/**
 * A framed body as another writer of AWS messages may make it: any key length, an IV of its own in each frame,
 * and, if `emptyEnd`, full frames only and then an empty final one.
 */
function make(length: number, frameLength: number, keyBytes: 16 | 24 | 32, emptyEnd: boolean): Made {
  const key = randomBytes(keyBytes);
  const messageId = randomBytes(16);
  const plaintext = pattern(length);
  const most = Math.max(1, Math.ceil(length / frameLength));
  const frames = emptyEnd && length === most * frameLength ? most + 1 : most;
  const parts = Array.from({ length: frames }, (_, index) => {
    const text = plaintext.subarray(index * frameLength, (index + 1) * frameLength);
    const final = index === frames - 1;
    const label = `AWSKMSEncryptionClient ${final ? 'Final Frame' : 'Frame'}`;
    const iv = randomBytes(12);
    const cipher = createCipheriv(`aes-${keyBytes === 16 ? 128 : keyBytes === 24 ? 192 : 256}-gcm`, key, iv);
    cipher.setAAD(Buffer.concat([messageId, Buffer.from(label), u32(index + 1), u32(0), u32(text.length)]));
    const sealed = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    return final
      ? Buffer.concat([u32(0xffff_ffff), u32(index + 1), iv, u32(text.length), sealed])
      : Buffer.concat([u32(index + 1), iv, sealed]);
  });
  const body = { key, messageId, frameLength, bodyAt: 0, shape: 'aws' } as const;
  return { body, bytes: Buffer.concat(parts), plaintext };
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** The plaintext by both ways: in order from a source, and from a file whose end was checked first. */
async function bothWays(body: Body, bytes: Buffer): Promise<Buffer[]> {
  const piped = memorySink();
  await decryptBody(body, memorySource(bytes), piped);
  const filed = memorySink();
  await decryptFile(await checkFile(memoryFile(bytes), body), filed);
  return [piped.bytes(), filed.bytes()];
}

const code = (error: unknown) => (error as { code?: unknown }).code;
const made = fc
  .record({
    frameLength: fc.constantFrom(1, 7, 512),
    frames: fc.integer({ min: 0, max: 4 }),
    more: fc.integer({ min: -1, max: 1 }),
    key: fc.constantFrom(16 as const, 24 as const, 32 as const),
    emptyEnd: fc.boolean(),
  })
  .map((of) => make(Math.max(0, of.frames * of.frameLength + of.more), of.frameLength, of.key, of.emptyEnd));

describe('bodies of AWS messages', () => {
  it('open under keys of every length, with any IV, also after an empty final frame', async () => {
    await fc.assert(
      fc.asyncProperty(made, async ({ body, bytes, plaintext }) => {
        for (const opened of await bothWays(body, bytes)) expect(opened.equals(plaintext)).toBe(true);
        expect(planBody(bytes.length, body)?.plaintextLength).toBe(plaintext.length);
      }),
    );
  });

  it('give ranges, the empty final frame counted as the end', async () => {
    const { body, bytes, plaintext } = make(1024, 512, 32, true);
    const checked = await checkFile(memoryFile(bytes), body);
    expect(checked.plan).toMatchObject({ frames: 3, finalLength: 0 });
    const sink = memorySink();
    await readRange(checked, 500, 2000, sink);
    expect(sink.bytes().equals(plaintext.subarray(500))).toBe(true);
  });

  it('are refused whichever bit is flipped', async () => {
    await fc.assert(
      fc.asyncProperty(made, fc.nat(), async ({ body, bytes }, at) => {
        const forged = Buffer.from(bytes);
        const place = at % (bytes.length * 8);
        forged[place >> 3] = (forged[place >> 3] ?? 0) ^ (1 << (place & 7));
        const error = await bothWays(body, forged).catch((caught: unknown) => caught);
        expect(['FileDamaged', 'FileTruncated']).toContain(code(error));
      }),
    );
  });

  it('are allowed what native ones are not: another IV, an empty frame at the end', async () => {
    const foreign = make(1000, 512, 32, false);
    const native = { ...foreign.body, shape: 'native' } as const;
    await expect(decryptBody(native, memorySource(foreign.bytes), undefined)).rejects.toThrow(
      expect.objectContaining({
        reason: 'file-damaged',
        params: expect.objectContaining({ why: 'frame-iv' }),
      }),
    );
    const empty = make(1024, 512, 32, true);
    expect(planBody(empty.bytes.length, { frameLength: 512, shape: 'native' })).toBeUndefined();
  });
});
