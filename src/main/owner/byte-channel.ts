import { finished } from 'node:stream/promises';
import type { Answer, Method } from '../../shared/contract.ts';
import { asKeywardError, KeywardError } from '../../shared/errors.ts';
import { pieces, pieceWriter } from './byte-stream.ts';
import { dial } from './connect.ts';
import type { CallContext } from './served-session.ts';
import { PROTOCOL, toLine } from './wire.ts';

/**
 * Carries a client's bytes to and from the owner over a second connection that shows `token`. `finish` is
 * given the owner's answer: a good one is held until the last byte has been written here. `failed` resolves
 * if the output can't be written, so that the request can be cancelled. Once `signal` is aborted, an input that
 * breaks off says nothing new: the owner has been told, and must not take the broken stream for the reason.
 */
export function carry(
  address: string,
  token: string,
  streams: NonNullable<CallContext['streams']>,
  signal?: AbortSignal,
): { finish(answer: Answer<Method>): Promise<Answer<Method>>; readonly failed: Promise<void> } {
  const connected = dial(address);
  const work = connected.then(async (socket) => {
    if (socket === undefined)
      throw new KeywardError('OwnerBusy', 'The process that held the vault has ended.');
    socket.write(toLine({ keyward: PROTOCOL, attach: token }));
    sendAll(streams.input, pieceWriter(socket)).catch(() => {
      if (signal?.aborted !== true) socket.destroy();
    });
    for await (const piece of pieces(socket, Buffer.alloc(0))) {
      await new Promise<void>((resolve, reject) => {
        streams.output.write(piece, (error) => (error ? reject(error) : resolve()));
      });
    }
    socket.destroySoon();
  });
  return {
    failed: new Promise((resolve) => {
      work.catch(() => resolve());
    }),
    finish: async (answer) => {
      if (!answer.ok) {
        connected.then(
          (socket) => socket?.destroy(),
          () => undefined,
        );
        return answer;
      }
      try {
        await work;
        return answer;
      } catch (error) {
        return { ok: false, error: asKeywardError(error).toBody() };
      }
    },
  };
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
