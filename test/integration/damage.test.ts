import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { setFaultHook } from '../../src/main/disk/fault-hook.ts';
import { gateBelow } from '../support/faults.ts';
import { only } from '../support/live-vault.ts';
import { oneVault } from '../support/one-vault.ts';

const FRAME = 1 << 20;
const STRIDE = FRAME + 32;
const BODY = 2 * 4096;

const vault = await oneVault();
afterEach(() => setFaultHook(undefined));

/** Encrypts random bytes into `a.keyward` and removes the source. */
async function encrypted(length: number): Promise<{ content: Buffer; file: string }> {
  const content = randomBytes(length);
  writeFileSync(vault.path('a'), content);
  await vault.encrypt(vault.path('a'));
  rmSync(vault.path('a'));
  return { content, file: vault.path('a.keyward') };
}

/** Changes a byte in the middle of each of these frames, counted from 1. */
function damage(file: string, frames: readonly number[]): void {
  const bytes = readFileSync(file);
  for (const frame of frames) {
    const at = BODY + (frame - 1) * STRIDE + 500;
    bytes.writeUInt8(bytes.readUInt8(at) ^ 0x40, at);
  }
  writeFileSync(file, bytes);
}

function cut(file: string, length: number): void {
  writeFileSync(file, readFileSync(file).subarray(0, length));
}

/** The content with zeros for these frames. */
function holed(content: Buffer, frames: readonly number[]): Buffer {
  const copy = Buffer.from(content);
  for (const frame of frames) copy.fill(0, (frame - 1) * FRAME, frame * FRAME);
  return copy;
}

async function salvage(file: string) {
  const input = { sources: [file], overwrite: true, each: false, salvage: true };
  return only((await vault.call('files.decrypt', input)).results);
}

it('an empty file whose only frame is damaged is not whole, though no byte of content is lost', async () => {
  const { file } = await encrypted(0);
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  writeFileSync(file, bytes);
  for (const result of [await vault.verify(file), only(await vault.decrypt(file))]) {
    expect(result).toMatchObject({ status: 'failed', error: { code: 'FileDamaged' } });
  }
  const rescued = await salvage(file);
  expect(rescued).toMatchObject({ status: 'failed', error: { code: 'FileDamaged' } });
  expect(rescued.error?.message).toContain('Its end is missing');
  expect(vault.list()).toEqual(['a.keyward']);
});

describe.each([
  ['a small file', 4 * FRAME + 77],
  ['a file for several threads', 40 * FRAME + 77],
])('%s', (_what, length) => {
  it('verify names every damaged range of the plaintext, the last one too', async () => {
    const { file } = await encrypted(length);
    const last = Math.ceil(length / FRAME);
    damage(file, [2, 3]);
    damageShortFrame(file, last);
    const expected = {
      path: file,
      of: length,
      whole: length - 2 * FRAME - 77,
      lost: [
        { from: FRAME, to: 3 * FRAME },
        { from: (last - 1) * FRAME, to: length },
      ],
    };
    const result = await vault.verify(file);
    expect(result).toMatchObject({ status: 'failed', error: { code: 'FileDamaged', details: expected } });
  });

  it('salvage recovers what is whole, each byte at its place', async () => {
    const { content, file } = await encrypted(length);
    damage(file, [1, 3]);
    const result = await salvage(file);
    expect(result).toMatchObject({
      status: 'failed',
      output: vault.path('a.salvaged'),
      bytes: length - 2 * FRAME,
      error: { code: 'FileDamaged' },
    });
    expect(readFileSync(vault.path('a.salvaged')).equals(holed(content, [1, 3]))).toBe(true);
  });

  it('salvage takes all whole frames of a file that was cut, also at the end of a frame', async () => {
    for (const [end, whole] of [
      [BODY + 3 * STRIDE, 3],
      [BODY + 3 * STRIDE + 1, 3],
      [BODY + 3 * STRIDE - 1, 2],
      [BODY + 10, 0],
      [BODY, 0],
    ] as const) {
      const { content, file } = await encrypted(length);
      cut(file, end);
      expect(await salvage(file)).toMatchObject({
        status: 'failed',
        bytes: whole * FRAME,
        error: { message: expect.stringContaining('Its end is missing') },
      });
      rmSync(file);
      expect(vault.list()).toEqual(whole === 0 ? [] : ['a.salvaged']);
      if (whole === 0) continue;
      const got = readFileSync(vault.path('a.salvaged'));
      expect(got.equals(content.subarray(0, whole * FRAME))).toBe(true);
      rmSync(vault.path('a.salvaged'));
    }
  });

  it('quick verification reads little and sees a cut, a longer and a changed end', async () => {
    const { file } = await encrypted(length);
    let read = 0;
    gateBelow(file, ({ op, length: bytes = 0 }) => {
      if (op === 'read') read += bytes;
      return undefined;
    });
    const quick = async () =>
      only((await vault.call('files.verify', { sources: [file], each: false, quick: true })).results);
    expect(await quick()).toMatchObject({ status: 'done', bytes: length });
    expect(read).toBeLessThan(BODY + FRAME + 100);
    const whole = readFileSync(file);
    for (const bytes of [
      whole.subarray(0, whole.length - 1),
      Buffer.concat([whole, Buffer.alloc(1)]),
      Buffer.concat([whole.subarray(0, -1), Buffer.of((whole.at(-1) ?? 0) ^ 1)]),
    ]) {
      writeFileSync(file, bytes);
      expect(['FileTruncated', 'FileDamaged']).toContain((await quick()).error?.code);
    }
  });
});

/** Changes a byte of the last, short frame. */
function damageShortFrame(file: string, frame: number): void {
  const bytes = readFileSync(file);
  const at = BODY + (frame - 1) * STRIDE + 40;
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  writeFileSync(file, bytes);
}

describe('salvage', () => {
  it('of a whole file is the whole file', async () => {
    const { content, file } = await encrypted(FRAME + 1);
    expect(await salvage(file)).toMatchObject({ status: 'done', bytes: FRAME + 1 });
    expect(readFileSync(vault.path('a.salvaged')).equals(content)).toBe(true);
  });

  it.each([
    [1, 0],
    [40, 0xff],
    [3 * STRIDE, 0],
    [3 * STRIDE + 5, 0xff],
  ])('leaves out %i bytes of %i that were added behind the end', async (added, byte) => {
    const { content, file } = await encrypted(2 * FRAME + 1);
    writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.alloc(added, byte)]));
    expect((await vault.verify(file)).error?.code).toBe('FileDamaged');
    const result = await salvage(file);
    expect(result).toMatchObject({ status: 'done', bytes: 2 * FRAME + 1 });
    expect(result.notes?.join()).toContain(`${added.toLocaleString('en-GB')} bytes`);
    expect(readFileSync(vault.path('a.salvaged')).equals(content)).toBe(true);
  });

  it('is not misled by a forged end', async () => {
    const { content, file } = await encrypted(2 * FRAME + 1);
    const bytes = readFileSync(file);
    // The head of a final frame where the second frame starts; the file is cut, so its own end is gone.
    const at = BODY + STRIDE;
    bytes.writeUInt32BE(0xffff_ffff, at);
    bytes.writeUInt32BE(2, at + 4);
    bytes.writeUInt32BE(16, at + 20);
    writeFileSync(file, bytes.subarray(0, -1));
    const result = await salvage(file);
    expect(result).toMatchObject({ status: 'failed', bytes: FRAME });
    expect(readFileSync(vault.path('a.salvaged')).subarray(0, FRAME).equals(content.subarray(0, FRAME))).toBe(
      true,
    );
  });

  it('gives nothing under a changed header', async () => {
    const { file } = await encrypted(FRAME + 1);
    const bytes = readFileSync(file);
    for (const at of [60, 4096 + 60]) bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    writeFileSync(file, bytes);
    expect(await salvage(file)).toMatchObject({ status: 'failed', output: null, bytes: 0 });
    expect(vault.list()).toEqual(['a.keyward']);
  });
});

describe('a range', () => {
  async function range(file: string, first: number, last?: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    const output = new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks.push(Buffer.from(chunk));
        done();
      },
    });
    const streams = { input: Readable.from([]), output };
    const input = { source: file, range: last === undefined ? { first } : { first, last } };
    await vault.call('files.decryptRange', input, { streams });
    return Buffer.concat(chunks);
  }

  it('is what stands there, around every boundary, and reads no other frames', async () => {
    const { content, file } = await encrypted(4 * FRAME + 77);
    damage(file, [4]);
    for (const [first, last] of [
      [0, 0],
      [0, FRAME - 1],
      [FRAME - 1, FRAME],
      [FRAME, FRAME],
      [5, 3 * FRAME - 1],
      [4 * FRAME, undefined],
      [4 * FRAME + 76, 4 * FRAME + 76],
      [4 * FRAME + 70, 9_999_999_999],
    ] as const) {
      const expected = content.subarray(first, last === undefined ? undefined : last + 1);
      expect((await range(file, first, last)).equals(expected)).toBe(true);
    }
    expect(await range(file, content.length)).toHaveLength(0);
    await expect(range(file, content.length + 1)).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(range(file, 3 * FRAME + 5, 3 * FRAME + 5)).rejects.toMatchObject({ code: 'FileDamaged' });
  });

  it('gives nothing of a file whose end is missing', async () => {
    const { file } = await encrypted(2 * FRAME);
    cut(file, BODY + STRIDE);
    await expect(range(file, 0, 5)).rejects.toMatchObject({ code: 'FileTruncated' });
  });

  it('goes to a file of its own, for one source only', async () => {
    const { content, file } = await encrypted(2 * FRAME);
    const job = { sources: [file], overwrite: false, each: false, range: { first: 3, last: 9 } };
    const out = vault.path('piece');
    const { results } = await vault.call('files.decrypt', { ...job, out });
    expect(only(results)).toMatchObject({ output: out, bytes: 7 });
    expect(readFileSync(out).equals(content.subarray(3, 10))).toBe(true);
    for (const wrong of [job, { ...job, out, sources: [file, file] }, { ...job, out, salvage: true }]) {
      await expect(vault.call('files.decrypt', wrong)).rejects.toMatchObject({ code: 'ValidationException' });
    }
  });
});
