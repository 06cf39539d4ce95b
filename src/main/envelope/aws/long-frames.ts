import { type GcmOpener, gcmOpener, TAG_BYTES } from '../../crypto/aead.ts';
import type { BodyPlan } from '../body-plan.ts';
import { REGULAR_OVERHEAD } from '../body-plan.ts';
import { damaged, truncated } from '../errors.ts';
import { contentAad, contentOffset, FINAL_MARK } from '../frame.ts';
import type { ByteSink, ReadableFile } from '../io.ts';
import { runPipeline, type Watch } from '../pipeline.ts';
import { SINGLE_HEAD } from './extent.ts';
import type { OpenMessage } from './keys.ts';

/** A message whose frames are too long for memory, or that has none: opened piece by piece. */
export type LongBody = {
  readonly file: ReadableFile;
  readonly message: OpenMessage;
  /** The frames; `undefined` for a body that is one block. */
  readonly plan: BodyPlan | undefined;
  readonly end: number;
};

/** One ciphertext under one tag. */
type Span = {
  readonly sequence: number;
  readonly iv: Buffer;
  readonly aad: Buffer;
  readonly at: number;
  readonly length: number;
  readonly tag: Buffer;
};

type Piece = { readonly span: Span; readonly bytes: Buffer; readonly first: boolean; readonly last: boolean };

const PIECE = 1 << 20;

/**
 * Decrypts piece by piece. The sink gets bytes BEFORE their tag is verified: it is a partial that the caller
 * throws away on an error, or there is none, and it only verifies. Resolves to the bytes of plaintext. Throws
 * as `decryptBody` does.
 */
export async function decryptLong(
  body: LongBody,
  sink: ByteSink | undefined,
  watch: Watch = {},
): Promise<number> {
  const { file, message } = body;
  let opener: GcmOpener | undefined;
  return runPipeline(
    {
      source: {},
      sink,
      next: pieces(body),
      work: ({ span, bytes, first, last }) => {
        if (first) opener = gcmOpener(message.payloadKey, span.iv, span.aad);
        const output = opener?.update(bytes) ?? Buffer.alloc(0);
        if (last && opener?.isAuthentic(span.tag) !== true) {
          const to = span.at + span.length + TAG_BYTES;
          throw damaged(file.path, span.at, to, 'not-what-was-encrypted', span.sequence);
        }
        return { output, plaintext: output.length };
      },
    },
    watch,
  );
}

/** The ciphertext in order, in pieces of two buffers taken in turn. */
function pieces(body: LongBody): () => Promise<Piece | undefined> {
  const spans = body.plan?.frames ?? 1;
  const buffers: Buffer[] = [];
  let sequence = 0;
  let count = 0;
  let span: Span | undefined;
  let done = 0;
  return async () => {
    if (span === undefined) {
      if (sequence === spans) return undefined;
      span = await readSpan(body, ++sequence);
      done = 0;
    }
    const of = span;
    const first = done === 0;
    const length = Math.min(PIECE, of.length - done);
    count++;
    buffers[count % 2] ??= Buffer.allocUnsafeSlow(PIECE);
    const bytes = await wholeRead(body.file, of.at + done, length, buffers[count % 2]);
    done += length;
    const last = done === of.length;
    if (last) span = undefined;
    return { span: of, bytes, first, last };
  };
}

/**
 * Verifies that a long body's final frame stands where its length has it; its tag is not, which would take reading
 * all of it. Throws `FileTruncated` or `FileDamaged`.
 */
export async function checkLongEnd(body: LongBody & { readonly plan: BodyPlan }): Promise<void> {
  await readSpan(body, body.plan.frames);
}

async function readSpan({ file, message, plan, end }: LongBody, sequence: number): Promise<Span> {
  const { header } = message;
  const { messageId, bodyAt, frameLength = 0 } = header;
  const single = plan === undefined;
  const final = plan?.frames === sequence;
  const from = bodyAt + (sequence - 1) * (frameLength + REGULAR_OVERHEAD);
  const head = await wholeRead(file, from, single ? SINGLE_HEAD : contentOffset(final));
  const at = from + head.length;
  const length = single || final ? end - TAG_BYTES - at : frameLength;
  const start = final ? 4 : 0;
  const stated = { mark: head.readUInt32BE(0), sequence: head.readUInt32BE(start) };
  const tooLong = final && stated.mark === FINAL_MARK && head.readUInt32BE(20) > length;
  // A regular frame in the place of the last, or a last one that goes beyond the end: there was more.
  if (tooLong || (final && stated.mark === sequence)) throw truncated(file.path, end);
  const whole =
    single ||
    (stated.sequence === sequence &&
      (!final || (stated.mark === FINAL_MARK && head.readUInt32BE(20) === length)));
  if (!whole) {
    const why = 'frame-missing' as const;
    throw damaged(file.path, from, at, why, sequence);
  }
  const tag = await wholeRead(file, at + length, TAG_BYTES);
  const iv = single ? head.subarray(0, 12) : head.subarray(start + 4, start + 16);
  const aad = contentAad(messageId, single ? 'single' : final ? 'final' : 'regular', sequence, length);
  return { sequence, iv, aad, at, length, tag };
}

async function wholeRead(file: ReadableFile, at: number, length: number, into?: Buffer): Promise<Buffer> {
  const bytes = (into ?? Buffer.alloc(length)).subarray(0, length);
  if ((await file.read(bytes, at)) < length) throw truncated(file.path, at);
  return bytes;
}
