import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseKeyring } from '../../../src/main/envelope/aws/keyring.ts';
import { rawAesProvider } from '../../../src/main/envelope/aws/raw-aes.ts';
import { checkFile, readRange } from '../../../src/main/envelope/body.ts';
import { bodyLengthOf } from '../../../src/main/envelope/body-plan.ts';
import { frameBytes, sealFrame } from '../../../src/main/envelope/frame.ts';
import type { ReadableFile } from '../../../src/main/envelope/io.ts';
import type { Body } from '../../../src/main/envelope/message-body.ts';
import { isKeywardError } from '../../../src/shared/errors.ts';
import { vectorPlaintext } from '../../vectors/generate-native.ts';
import { decryptAlone } from '../tools/support.ts';
import { decryptAws } from './aws-support.ts';
import { memoryFile, memorySink, pattern } from './support.ts';

const folder = join(import.meta.dirname, '../../vectors');

describe('the kept vectors', () => {
  // The bytes of format version 1 are frozen: a change of these files needs another format version. Only files that
  // are malformed may be added.
  it.each([
    ['native.json', '59591892add46e7cdd41f4ef31b52d16e6da09142bf3ebae54fe25b855ce161c'],
    ['aws.json', '9062a48afea789bd1a015d7d960afba03c09f52ed744aac52d8105cc9e5cf336'],
  ])('%s have not changed', (name, digest) => {
    const { malformed: _, ...vectors } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as object & {
      readonly malformed?: object;
    };
    const text = `${JSON.stringify(vectors, null, 1)}\n`;
    expect(createHash('sha256').update(text).digest('hex')).toBe(digest);
  });
});

type Kept = {
  readonly keyring: object;
  readonly messages: readonly {
    readonly name: string;
    readonly plaintextLength: number;
    readonly context: { readonly [name: string]: string };
    readonly message: string;
  }[];
};
const kept = JSON.parse(readFileSync(join(folder, 'aws.json'), 'utf8')) as Kept;

describe.each(kept.messages)('the kept AWS message of $name', ({ plaintextLength, context, message }) => {
  it('opens with its key, here and in the standalone decryptor', async () => {
    const { aes } = parseKeyring(JSON.stringify(kept.keyring), 'aws.json');
    const bytes = Buffer.from(message, 'base64');
    const opened = await decryptAws(bytes, aes.map(rawAesProvider));
    expect(opened.plaintext.equals(vectorPlaintext(plaintextLength))).toBe(true);
    expect(opened.message.header.context).toMatchObject(context);
    const alone = decryptAlone(bytes, [kept.keyring]);
    expect(alone.plaintext?.equals(vectorPlaintext(plaintextLength)), alone.said).toBe(true);
  });
});

/** A file of 2^32 − 1 frames of 4 KiB, of which only those exist that are read, as AES-GCM makes them. */
describe('the far end of a body of 17 TB', () => {
  const FRAMES = 2 ** 32 - 1;
  const LENGTH = 4096;
  const body: Body = {
    key: Buffer.alloc(32, 3),
    messageId: Buffer.alloc(32, 4),
    frameLength: LENGTH,
    bodyAt: 8192,
    shape: 'native',
  };
  const last = 100;
  const total = (FRAMES - 1) * LENGTH + last;
  const size = body.bodyAt + bodyLengthOf(total, LENGTH);

  function file(claim = (sequence: number) => sequence): ReadableFile {
    const stride = LENGTH + 32;
    return {
      ...memoryFile(Buffer.alloc(0)),
      stat: async () => ({ ...(await memoryFile(Buffer.alloc(0)).stat()), size }),
      async read(buffer, position) {
        const sequence = Math.floor((position - body.bodyAt) / stride) + 1;
        const final = sequence === FRAMES;
        const frame = Buffer.alloc(frameBytes(final ? last : LENGTH, final));
        const { key, messageId } = body;
        sealFrame(
          frame,
          { key, messageId, sequence: claim(sequence), final },
          pattern(final ? last : LENGTH),
        );
        const from = position - body.bodyAt - (sequence - 1) * stride;
        return frame.copy(buffer, 0, from);
      },
    };
  }

  it('is found, and read where it is', async () => {
    const checked = await checkFile(file(), body);
    expect(checked.plan).toMatchObject({ frames: FRAMES, plaintextLength: total, finalLength: last });
    const sink = memorySink();
    expect(await readRange(checked, total - last - 10, Number.MAX_SAFE_INTEGER, sink)).toBe(last + 10);
    const expected = Buffer.concat([pattern(LENGTH).subarray(-10), pattern(last)]);
    expect(sink.bytes().equals(expected)).toBe(true);
  });

  it('is refused where a frame has the number of another one', async () => {
    for (const shift of [-1, 1]) {
      const wrong = file((sequence) =>
        sequence === FRAMES && shift > 0 ? 1 : sequence + Math.min(0, shift),
      );
      const refused = await checkFile(wrong, body).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(isKeywardError(refused, 'FileDamaged')).toBe(true);
    }
  });

  it('is one frame too long beyond that', () => {
    expect(() => bodyLengthOf(total + LENGTH, LENGTH)).toThrow(RangeError);
  });
});
