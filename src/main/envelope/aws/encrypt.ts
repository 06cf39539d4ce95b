import { ByteWriter } from '../bytes.ts';
import { type Encrypted, encryptBody } from '../encrypt.ts';
import type { ByteSink, ByteSource } from '../flow.ts';
import type { Watch } from '../pump.ts';
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
  if (claimed.has(message)) throw new Error('a message was encrypted twice; make a new one');
  claimed.add(message);
  const body = awsBody(message);
  if (body === undefined) throw new RangeError('bodies without frames are not written');
  const { signer } = message;
  const opening = [message.header.bytes];
  signer?.update(message.header.bytes);
  const onFrame = (frame: Uint8Array) => signer?.update(frame);
  const done = await encryptBody(body, { opening, source, sink, onFrame }, watch);
  if (signer === undefined) return done;
  const footer = new ByteWriter().sized(signer.sign()).done();
  await sink.write(footer);
  return { ...done, fileLength: done.fileLength + footer.length };
}
