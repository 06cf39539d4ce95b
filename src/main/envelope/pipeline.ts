import { fail, type KeywardError } from '../../shared/errors.ts';
import type { ByteSink, ByteSource } from './io.ts';

/** How a stream of frames is watched and stopped. */
export type Watch = {
  /** Aborting ends the work with `Cancelled`, also when a pipe hangs. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each frame with the bytes of plaintext done so far. */
  readonly onProgress?: ((plaintextBytes: number) => void) | undefined;
};

/** One frame on its way: what is to be written, and how much plaintext it stands for. */
type Worked = { readonly output: Uint8Array; readonly plaintext: number };

/**
 * Moves frames: while one is worked on, the next is being read and the one before written, and no more than
 * that is held. `next` gives the next input or `undefined` at the end; `work` turns it into output at once;
 * both may use their last but one buffer again. Resolves to the bytes of plaintext moved, rejects with the
 * first failure, and only when no read or write is under way any more.
 */
export async function runPipeline<Input>(
  flow: {
    readonly source: Pick<ByteSource, 'cancel'>;
    readonly sink: ByteSink | undefined;
    /** Written before the first frame. */
    readonly opening?: readonly Uint8Array[];
    readonly next: () => Promise<Input | undefined>;
    readonly work: (input: Input) => Worked;
  },
  { signal, onProgress }: Watch,
): Promise<number> {
  const { source, sink } = flow;
  const stop = (reason: Error) => {
    source.cancel?.(reason);
    sink?.cancel?.(reason);
  };
  let reading: Promise<Input | undefined> = Promise.resolve(undefined);
  let writing: Promise<void> = Promise.resolve();
  let done = 0;
  const begin = () => {
    throwIfAborted(signal);
    reading = flow.next();
    reading.catch(() => {});
  };
  return stoppingAtAbort(signal, stop, async () => {
    try {
      begin();
      writing = writeAll(sink, flow.opening ?? []);
      writing.catch(stop);
      for (let input = await reading; input !== undefined; input = await reading) {
        begin();
        const { output, plaintext } = flow.work(input);
        await writing;
        writing = sink?.write(output) ?? Promise.resolve();
        writing.catch(stop);
        done += plaintext;
        onProgress?.(done);
      }
      await writing;
      throwIfAborted(signal);
      return done;
    } catch (error) {
      // What is being written was verified: its reader may be slow, and gets it before the buffers are wiped.
      source.cancel?.(error instanceof Error ? error : new Error(String(error)));
      await Promise.allSettled([reading, writing]);
      throw error;
    }
  });
}

/** Runs `act`, and calls `stop` with `Cancelled` if the signal is aborted meanwhile, to end what waits in it. */
export async function stoppingAtAbort<T>(
  signal: AbortSignal | undefined,
  stop: (reason: KeywardError) => void,
  act: () => Promise<T>,
): Promise<T> {
  throwIfAborted(signal);
  const onAbort = () => stop(cancelled());
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await act();
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

async function writeAll(sink: ByteSink | undefined, parts: readonly Uint8Array[]): Promise<void> {
  for (const part of parts) await sink?.write(part);
}

/** Throws `Cancelled` once the signal is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}

function cancelled(): KeywardError {
  return fail('stream-cancelled');
}
