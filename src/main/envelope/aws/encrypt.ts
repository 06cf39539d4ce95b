import type { OpenFile } from '../../disk/file.ts';
import { planFor } from '../body-plan.ts';
import { ByteWriter } from '../bytes.ts';
import { type Encrypted, encryptBody } from '../encrypt.ts';
import { runFrames } from '../engine/run.ts';
import { type ByteSink, type ByteSource, fileSink, fileSource } from '../io.ts';
import type { Body } from '../message-body.ts';
import type { Watch } from '../pipeline.ts';
import type { NewMessage } from './compose.ts';
import { awsBody } from './keys.ts';

const claimed = new WeakSet<NewMessage>();

/**
 * Writes a whole AWS message: header, frames and, if it is signed, the footer, each byte once and in order.
 * Memory: four frames at most. `message` serves one call only, whatever its outcome (property 11).
 *
 * Throws `SourceChanged` when the source does not have the length it said, `Cancelled`, and what source and
 * sink throw. Nothing is flushed or renamed here.
 */
export async function encryptAwsStream(
  message: NewMessage,
  source: ByteSource,
  sink: ByteSink,
  watch: Watch = {},
): Promise<Encrypted> {
  return encryptClaimed(message, claim(message), { source, sink }, watch);
}

/**
 * Encrypts the first `length` bytes of a file into an empty one: large files on several threads, by position,
 * unless the message is signed; the header comes last then. Otherwise as `encryptAwsStream`.
 */
export async function encryptAwsInto(
  message: NewMessage,
  source: OpenFile,
  length: number,
  target: OpenFile,
  watch: Watch = {},
): Promise<Encrypted> {
  const body = claim(message);
  const flow = { source: fileSource(source, 0, length), sink: fileSink(target) };
  const { plan, bodyLength } = planFor(length, body, source.path);
  const ran =
    message.signer === undefined
      ? await runFrames({ kind: 'encrypt', body, plan, source, sink: target }, watch)
      : undefined;
  if (ran === undefined) return encryptClaimed(message, body, flow, watch);
  await flow.sink.write(message.header.bytes);
  return { plaintextLength: ran.bytes, fileLength: body.bodyAt + bodyLength };
}

function claim(message: NewMessage): Body {
  if (claimed.has(message)) throw new Error('a message was encrypted twice; make a new one');
  claimed.add(message);
  const body = awsBody(message);
  if (body === undefined) throw new RangeError('bodies without frames are not written');
  return body;
}

async function encryptClaimed(
  { header, signer }: NewMessage,
  body: Body,
  { source, sink }: { readonly source: ByteSource; readonly sink: ByteSink },
  watch: Watch,
): Promise<Encrypted> {
  const opening = [header.bytes];
  signer?.update(header.bytes);
  const onFrame = (frame: Uint8Array) => signer?.update(frame);
  const done = await encryptBody(body, { opening, source, sink, onFrame }, watch);
  if (signer === undefined) return done;
  const footer = new ByteWriter().sized(signer.sign()).done();
  await sink.write(footer);
  return { ...done, fileLength: done.fileLength + footer.length };
}
