import type { OpenFile } from '../../disk/file.ts';
import { type CheckedFile, checkFile, decryptFile } from '../body.ts';
import { planBody } from '../body-plan.ts';
import { decryptBody } from '../decrypt.ts';
import { truncated } from '../errors.ts';
import { decryptInto } from '../files.ts';
import { type ByteSink, type ByteSource, fileSink, type ReadableFile } from '../io.ts';
import type { Watch } from '../pipeline.ts';
import { findExtent, SINGLE_HEAD } from './extent.ts';
import type { AwsHeader } from './header.ts';
import { awsBody, type OpenMessage } from './keys.ts';
import { checkLongEnd, decryptLong, type LongBody } from './long-frames.ts';
import { verifySignature } from './signature.ts';

/** Longest frame that is held in memory, in bytes of plaintext. */
const MAX_IN_MEMORY = 64 * 1024 * 1024;

/** A message in a file whose end is known and whose signature, if it has one, is verified. */
type CheckedMessage<F extends ReadableFile = ReadableFile> = {
  readonly message: OpenMessage;
  readonly plaintextLength: number;
} & (
  | {
      readonly way: 'frames';
      /** For the frame engine: its final frame is verified. */
      readonly frames: CheckedFile<F>;
    }
  | { readonly way: 'pieces'; readonly long: LongBody }
);

/**
 * Whether a message can be decrypted as it comes in through a pipe: frames of bearable length, no signature.
 * Any other must be in a file first (of the ciphertext, 0600), which is what is checked and then decrypted.
 */
export function canFlow({ frameLength, suite }: AwsHeader): boolean {
  return frameLength !== undefined && frameLength <= MAX_IN_MEMORY && suite.curve === undefined;
}

/**
 * Decrypts a message that `canFlow`, frame by frame, each verified before it is written. `source` starts at the
 * first frame. Throws as `decryptBody` does.
 */
export async function decryptAwsStream(
  message: OpenMessage,
  source: ByteSource,
  sink: ByteSink | undefined,
  watch: Watch = {},
): Promise<number> {
  const body = awsBody(message);
  if (body === undefined || !canFlow(message.header)) throw new RangeError('this message must be in a file');
  return decryptBody(body, source, sink, watch);
}

/**
 * Finds the end of a message's file, which must be the end of the message, and verifies its signature over all
 * of it, or else its final frame. Throws `FileTruncated`, `FileDamaged` or `Cancelled`.
 */
export async function checkAwsFile<F extends ReadableFile>(
  file: F,
  message: OpenMessage,
  watch: Watch = {},
  mostInMemory: number = MAX_IN_MEMORY,
): Promise<CheckedMessage<F>> {
  const { header } = message;
  const { size } = await file.stat();
  const { end, signature } = await findExtent(file, header, size);
  if (signature !== undefined) await verifySignature(file, message, end, signature, watch);
  const body = awsBody(message);
  const length = end - header.bodyAt;
  if (body === undefined) {
    const long = { file, message, plan: undefined, end };
    return { way: 'pieces', message, plaintextLength: length - SINGLE_HEAD - 16, long };
  }
  if (Math.min(body.frameLength, length) <= mostInMemory) {
    const frames = await checkFile(file, body, end);
    return { way: 'frames', message, plaintextLength: frames.plan.plaintextLength, frames };
  }
  const plan = planBody(length, body);
  if (plan === undefined) throw truncated(file.path, size);
  const long = { file, message, plan, end };
  await checkLongEnd(long);
  return { way: 'pieces', message, plaintextLength: plan.plaintextLength, long };
}

/**
 * Decrypts a checked message into an empty file, or only verifies it when there is none; frames of a large one
 * on several threads. The file must be a partial: it may hold bytes that no tag has vouched for until this
 * has resolved. Resolves to the bytes of plaintext. Throws as `decryptBody` does.
 */
export async function decryptAwsInto(
  checked: CheckedMessage<OpenFile>,
  target: OpenFile | undefined,
  watch: Watch = {},
): Promise<number> {
  if (checked.way === 'frames') return decryptInto(checked.frames, target, watch);
  return decryptLong(checked.long, target === undefined ? undefined : fileSink(target), watch);
}

/**
 * Decrypts a checked message to where bytes can't be taken back. Each is verified before it is given; what is
 * under one long tag is read twice for that. Nobody else may be able to write to the file meanwhile.
 * Resolves to the bytes of plaintext. Throws as `decryptBody` does.
 */
export async function decryptAwsFile(
  checked: CheckedMessage,
  sink: ByteSink | undefined,
  watch: Watch = {},
): Promise<number> {
  if (checked.way === 'frames') return decryptFile(checked.frames, sink, watch);
  const { signal } = watch;
  const proven = await decryptLong(checked.long, undefined, sink === undefined ? watch : { signal });
  return sink === undefined ? proven : decryptLong(checked.long, sink, watch);
}
