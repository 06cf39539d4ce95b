import { finished } from 'node:stream/promises';
import type { Answer, Method } from '../../shared/contract.ts';
import { asKeywardError, fail, type KeywardError } from '../../shared/errors.ts';
import type { CallContext } from '../api/call-context.ts';
import { pieces, pieceWriter } from './byte-stream.ts';
import { connectToOwner } from './connect.ts';
import { PROTOCOL, toLine } from './wire.ts';

/**
 * Carries a client's bytes to and from the owner over a second connection that shows `token`. `finish` is given the
 * owner's answer and holds it until everything that the owner wrote has been written here, of a call that failed too.
 * `failed` resolves if the output can't be written, so that the request can be cancelled. An input that breaks off is
 * the reason of a failure that followed. Once `signal` is aborted it says nothing new: the owner has been told, and
 * must not take the broken stream for the reason.
 */
export function relayStreams(
  address: string,
  token: string,
  streams: NonNullable<CallContext['streams']>,
  signal?: AbortSignal,
): { finish(answer: Answer<Method>): Promise<Answer<Method>>; readonly failed: Promise<void> } {
  let broken: KeywardError | undefined;
  const connected = connectToOwner(address);
  const download = connected.then(async (socket) => {
    if (socket === undefined) throw fail('holder-ended');
    try {
      socket.write(toLine({ keyward: PROTOCOL, attach: token }));
      sendAll(streams.input, pieceWriter(socket)).catch((error: unknown) => {
        if (signal?.aborted === true || socket.destroyed) return;
        broken = asKeywardError(error);
        socket.destroy();
      });
      for await (const piece of pieces(socket, Buffer.alloc(0))) {
        await new Promise<void>((resolve, reject) => {
          streams.output.write(piece, (error) => (error ? reject(error) : resolve()));
        });
      }
    } finally {
      // All that the owner wrote has been read: it waits for this before it answers.
      socket.destroy();
    }
  });
  return {
    failed: new Promise((resolve) => {
      download.catch(() => resolve());
    }),
    finish: async (answer) => {
      try {
        await untilAborted(download, signal);
        return answer;
      } catch (error) {
        connected.then(
          (socket) => socket?.destroy(),
          () => undefined,
        );
        const reason = broken ?? (answer.ok ? asKeywardError(error) : undefined);
        return reason === undefined ? answer : { ok: false, error: reason.toBody() };
      }
    },
  };
}

/** As `work`; rejects when `signal` is aborted first, as when nobody takes what is written. */
function untilAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(fail('cancelled'));
    if (signal?.aborted === true) stop();
    signal?.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal?.removeEventListener('abort', stop));
  });
}

async function sendAll(input: AsyncIterable<Buffer>, writer: ReturnType<typeof pieceWriter>): Promise<void> {
  for await (const chunk of input) {
    await new Promise<void>((resolve, reject) => {
      writer.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  }
  writer.end();
  await finished(writer);
}
