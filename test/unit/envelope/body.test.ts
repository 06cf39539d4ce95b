import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decryptFile, readRange } from '../../../src/main/envelope/body.ts';
import { newHeader } from '../../../src/main/envelope/compose.ts';
import { decryptBody } from '../../../src/main/envelope/decrypt.ts';
import { encryptStream } from '../../../src/main/envelope/encrypt.ts';
import { sealFrame } from '../../../src/main/envelope/frame.ts';
import { readStreamHeader } from '../../../src/main/envelope/header-copies.ts';
import { streamSource } from '../../../src/main/envelope/io.ts';
import { nativeBody } from '../../../src/main/envelope/native-body.ts';
import { openHeader } from '../../../src/main/envelope/open.ts';
import { KeywardError } from '../../../src/shared/errors.ts';
import {
  AREA,
  checkBytes,
  decryptBytes,
  encryptBytes,
  FRAME,
  headerInput,
  memorySink,
  memorySource,
  pattern,
} from './support.ts';

const BODY = 2 * AREA;
const STRIDE = FRAME + 32;

/** Each place is tried; in mutation testing, which runs this for every mutant, one in so many. */
const EVERY = process.env['KEYWARD_MUTATION_AREA'] === undefined ? 1 : 29;

async function outcome(act: () => Promise<unknown>): Promise<KeywardError | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (error instanceof KeywardError) return error;
    throw error;
  }
}

/** As from a pipe, in chunks of odd lengths. */
async function decryptPiped(bytes: Buffer, dataKey: Buffer, chunk = 1000): Promise<Buffer> {
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  }
  const { state, body } = await readStreamHeader(streamSource(chunks(), 'standard input'));
  const sink = memorySink();
  await decryptBody(nativeBody(openHeader(state.header, dataKey, 'standard input')), body, sink);
  return sink.bytes();
}

describe('body', () => {
  it.each([
    0,
    1,
    2,
    FRAME - 9,
    FRAME - 8,
    FRAME - 7,
    FRAME - 1,
    FRAME,
    FRAME + 1,
    2 * FRAME - 1,
    2 * FRAME,
    2 * FRAME + 1,
    50_000,
  ])('of %i bytes comes back, by file and by pipe (pitfall 5)', async (length) => {
    const plaintext = pattern(length);
    const { file, dataKey, result } = await encryptBytes(plaintext);
    expect(result).toEqual({ plaintextLength: length, fileLength: file.length });
    expect((await decryptBytes(file, dataKey)).plaintext.equals(plaintext)).toBe(true);
    expect((await decryptPiped(file, dataKey)).equals(plaintext)).toBe(true);
  });

  it('comes back from an area of sixteen pages', async () => {
    const { file, dataKey } = await encryptBytes(pattern(9000), { areaLength: 16 * AREA });
    expect((await decryptBytes(file, dataKey)).plaintext.equals(pattern(9000))).toBe(true);
    expect((await decryptPiped(file, dataKey)).equals(pattern(9000))).toBe(true);
  });

  it('shows every truncation, at every length (pitfalls 16, 45)', async () => {
    const { file, dataKey } = await encryptBytes(pattern(FRAME + 300));
    for (let length = 0; length < file.length; length += EVERY) {
      const error = await outcome(() => decryptBytes(file.subarray(0, length), dataKey));
      const expected = length === 0 ? 'NotKeywardFile' : 'FileTruncated';
      expect(error?.code, `${length} bytes`).toBe(expected);
      if (length > BODY && length % 7 === 0) {
        const piped = await outcome(() => decryptPiped(file.subarray(0, length), dataKey, 5000));
        expect(piped?.code, `${length} bytes piped`).toBe('FileTruncated');
      }
    }
  });

  it('shows every truncation of a body whose last frame is full', async () => {
    const { file, dataKey } = await encryptBytes(pattern(2 * FRAME));
    for (let length = BODY + FRAME - 20; length < file.length; length += EVERY) {
      const error = await outcome(() => decryptBytes(file.subarray(0, length), dataKey));
      expect(error?.code, `${length} bytes`).toBe('FileTruncated');
    }
  });

  it('shows every flipped bit, or opens by the other header copy and says so', async () => {
    const plaintext = pattern(FRAME + 300);
    const { file, dataKey } = await encryptBytes(plaintext);
    for (let at = 0; at < file.length; at += EVERY) {
      const bytes = Buffer.from(file);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      if (at < BODY) {
        const { plaintext: back, state } = await decryptBytes(bytes, dataKey);
        expect(state.fellBack, `byte ${at}`).toBe(true);
        expect(state.used).toBe(at < AREA ? 1 : 0);
        expect(back.equals(plaintext)).toBe(true);
      } else {
        const error = await outcome(() => decryptBytes(bytes, dataKey));
        expect(['FileDamaged', 'FileTruncated'], `byte ${at}`).toContain(error?.code);
      }
    }
  });

  it('names the byte range of the damage (pitfall 16)', async () => {
    const { file, dataKey } = await encryptBytes(pattern(5 * FRAME));
    const at = BODY + 2 * STRIDE;
    file[at + 100] = (file[at + 100] ?? 0) ^ 1;
    const error = await outcome(() => decryptBytes(file, dataKey));
    expect(error?.details).toEqual({ path: 'letter.txt.keyward', from: at, to: at + STRIDE, frame: 3 });
  });

  it('shows reordered, doubled, missing and foreign frames', async () => {
    const { file, dataKey, input } = await encryptBytes(pattern(4 * FRAME + 10));
    const other = await encryptBytes(pattern(4 * FRAME + 10));
    const sameKey = await encryptBytes(pattern(4 * FRAME + 10), {
      dataKey,
      messageId: input.messageId,
      context: {},
    });
    const frame = (from: Buffer, i: number) => from.subarray(BODY + i * STRIDE, BODY + (i + 1) * STRIDE);
    const frames = (...list: Buffer[]) => Buffer.concat([file.subarray(0, BODY), ...list]);
    const [a, b, c, d, end] = [0, 1, 2, 3, 4].map((i) => frame(file, i)) as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
      Buffer,
    ];
    const cases: Record<string, Buffer> = {
      reordered: frames(a, c, b, d, end),
      doubled: frames(a, b, b, c, d, end),
      missing: frames(a, b, d, end),
      'without its first': frames(b, c, d, end),
      'ended twice': frames(a, b, c, d, end, end),
      'with one of another file': frames(a, frame(other.file, 1), c, d, end),
      'with the end of another file': frames(a, b, c, d, frame(other.file, 4)),
      'with one under the same data key and another header': frames(a, frame(sameKey.file, 1), c, d, end),
    };
    for (const [name, bytes] of Object.entries(cases)) {
      expect((await outcome(() => decryptBytes(bytes, dataKey)))?.code, name).toBe('FileDamaged');
      expect((await outcome(() => decryptPiped(bytes, dataKey)))?.code, `${name}, piped`).toBe('FileDamaged');
    }
  });

  it('shows a renumbered frame', async () => {
    const { file, dataKey } = await encryptBytes(pattern(3 * FRAME));
    const first = Buffer.from(file.subarray(BODY, BODY + STRIDE));
    first.writeUInt32BE(2, 0);
    first.writeUInt32BE(2, 12);
    first.copy(file, BODY + STRIDE);
    expect((await outcome(() => decryptBytes(file, dataKey)))?.code).toBe('FileDamaged');
  });

  it.each([1, FRAME, FRAME - 5, FRAME + 1])('of %i bytes shows whatever follows it', async (length) => {
    const { file, dataKey } = await encryptBytes(pattern(length));
    for (const extra of [1, 2, 8, 31, 32, 33, 40, 41, 500, STRIDE, STRIDE + 40, 3 * STRIDE]) {
      const longer = Buffer.concat([file, Buffer.alloc(extra, 0x5a)]);
      expect((await outcome(() => decryptBytes(longer, dataKey)))?.code, `+${extra}`).toBe('FileDamaged');
      expect((await outcome(() => decryptPiped(longer, dataKey)))?.code, `+${extra} piped`).toBe(
        'FileDamaged',
      );
    }
  });

  it.each([FRAME, 3 * FRAME])(
    'of %i bytes tells from where to where something follows it, for a length that no body has',
    async (length) => {
      const { file, dataKey } = await encryptBytes(pattern(length));
      for (let extra = 1; extra <= 32; extra++) {
        const longer = Buffer.concat([file, Buffer.alloc(extra)]);
        const { code, params, details } = (await outcome(() => decryptBytes(longer, dataKey))) ?? {};
        const range = { path: 'letter.txt.keyward', from: file.length, to: longer.length };
        expect([code, details], `+${extra}`).toEqual(['FileDamaged', range]);
        expect(params?.['why']).toBe('surplus-behind-file');
      }
      // A last frame of another number says nothing about where the file ends.
      const at = BODY + (length / FRAME - 1) * STRIDE;
      file.writeUInt32BE(9, at + 4);
      const longer = Buffer.concat([file, Buffer.alloc(5)]);
      expect((await outcome(() => decryptBytes(longer, dataKey)))?.code).toBe('FileTruncated');
    },
  );

  it('shows a cut that leaves a length that no body has', async () => {
    const { file, dataKey } = await encryptBytes(pattern(FRAME + 300));
    for (let left = 1; left <= 40; left++) {
      const cut = file.subarray(0, BODY + STRIDE + left);
      const error = await outcome(() => decryptBytes(cut, dataKey));
      expect([error?.code, error?.details['length']], `${left} bytes`).toEqual(['FileTruncated', cut.length]);
    }
  });

  it('leaves no plaintext in the memory it worked with', async () => {
    const { file, dataKey } = await encryptBytes(pattern(3 * FRAME + 10));
    const checked = await checkBytes(file, dataKey);
    const given: Uint8Array[] = [];
    const sink = {
      write: async (bytes: Uint8Array) => {
        given.push(bytes);
      },
    };
    await decryptFile(checked, sink);
    await readRange(checked, 10, 2 * FRAME, sink);
    expect(given.map(({ length }) => length)).toEqual([FRAME, FRAME, FRAME, 10, FRAME - 10, FRAME]);
    for (const bytes of given) expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  it('gives nothing of a frame that is not authentic', async () => {
    const { file, dataKey } = await encryptBytes(pattern(3 * FRAME));
    const at = BODY + STRIDE;
    file[at + 50] = (file[at + 50] ?? 0) ^ 4;
    const checked = await checkBytes(file, dataKey);
    const sink = memorySink();
    expect((await outcome(() => readRange(checked, 0, 3 * FRAME, sink)))?.code).toBe('FileDamaged');
    expect(pattern(FRAME).equals(sink.bytes())).toBe(true);
  });

  it('stops when the source grew or shrank while it was read (pitfall 8)', async () => {
    for (const stated of [0, 10, FRAME, FRAME + 10, 3 * FRAME]) {
      for (const actual of [5, FRAME - 1, FRAME + 1, 2 * FRAME, 4 * FRAME]) {
        const { read, name } = memorySource(pattern(actual));
        const source = { read, name, length: stated };
        const error = await outcome(() => encryptStream(newHeader(headerInput()), source, memorySink()));
        expect(error?.code, `${stated} and ${actual}`).toBe('SourceChanged');
      }
    }
  });

  it('encrypts under one header once', async () => {
    const open = newHeader(headerInput());
    await encryptStream(open, memorySource(pattern(10)), memorySink());
    await expect(encryptStream(open, memorySource(pattern(10)), memorySink())).rejects.toThrow('twice');
  });
});

describe('readRange', () => {
  it('gives what slicing the plaintext gives', async () => {
    const plaintext = pattern(5 * FRAME + 77);
    const { file, dataKey } = await encryptBytes(plaintext);
    const checked = await checkBytes(file, dataKey);
    const offset = fc.integer({ min: 0, max: plaintext.length });
    await fc.assert(
      fc.asyncProperty(offset, offset, async (one, two) => {
        const [start, end] = [Math.min(one, two), Math.max(one, two)];
        const sink = memorySink();
        expect(await readRange(checked, start, end, sink)).toBe(end - start);
        expect(sink.bytes().equals(plaintext.subarray(start, end))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('reads only what it needs, and refuses ranges that are not there', async () => {
    const { file, dataKey } = await encryptBytes(pattern(4 * FRAME));
    const checked = await checkBytes(file, dataKey);
    file.fill(0, BODY, BODY + STRIDE);
    const sink = memorySink();
    await readRange(checked, FRAME + 5, FRAME + 9, sink);
    expect(sink.bytes().equals(pattern(4 * FRAME).subarray(FRAME + 5, FRAME + 9))).toBe(true);
    expect(await readRange(checked, 4 * FRAME, 10 * FRAME, sink)).toBe(0);
    expect(await readRange(checked, 5, 5, sink)).toBe(0);
    file.fill(0, BODY + 2 * STRIDE, BODY + 3 * STRIDE);
    expect(await readRange(checked, 2 * FRAME - 3, 2 * FRAME, sink)).toBe(3);
    for (const [start, end] of [
      [-1, 3],
      [4 * FRAME + 1, 5 * FRAME],
      [10, 5],
      [0.5, 3],
    ] as const) {
      const { code, params, details } = (await outcome(() => readRange(checked, start, end, sink))) ?? {};
      const facts = { path: 'letter.txt.keyward', length: 4 * FRAME };
      expect([code, details]).toEqual(['ValidationException', facts]);
      expect(params).toMatchObject({ start });
    }
  });

  it('refuses a last frame in the midst, though it is authentic', async () => {
    const { file, dataKey } = await encryptBytes(pattern(3 * FRAME));
    const checked = await checkBytes(file, dataKey);
    const { key, messageId } = checked.body;
    const frame = { key, messageId, sequence: 2, final: true };
    sealFrame(file.subarray(BODY + STRIDE, BODY + 2 * STRIDE), frame, pattern(FRAME - 8));
    const error = await outcome(() => readRange(checked, 0, 3 * FRAME, memorySink()));
    expect(error).toMatchObject({
      code: 'FileDamaged',
      reason: 'file-damaged',
      params: expect.objectContaining({ why: 'frame-misplaced' }),
      details: { from: BODY + STRIDE, to: BODY + 2 * STRIDE, frame: 2 },
    });
  });

  it('gives no byte of a file whose end is gone', async () => {
    const { file, dataKey } = await encryptBytes(pattern(4 * FRAME));
    for (const length of [file.length - 1, file.length - STRIDE, BODY + STRIDE]) {
      const error = await outcome(() => checkBytes(file.subarray(0, length), dataKey));
      expect(error?.code).toBe('FileTruncated');
    }
  });
});
