import type { Writable } from 'node:stream';
import { asKeywardError, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import { pause } from '../disk/abortable.ts';
import { isErrno, streamError } from '../disk/errors.ts';
import type { OpenFile } from '../disk/file.ts';

/** What this room needs of an open file to read it. */
export type ReadableFile = Pick<OpenFile, 'path' | 'read' | 'stat'>;

/** Bytes in order. One `read` at a time. */
export type ByteSource = {
  /** What messages call it: a path, or "standard input". */
  readonly name: string;
  /** How many bytes are still to come, where that is known. */
  readonly length: number | undefined;
  /** Fills `buffer`; resolves to fewer bytes than asked only at the end. */
  read(buffer: Uint8Array): Promise<number>;
  /** Makes a waiting read reject with `reason`, where it could wait for ever. */
  cancel?(reason: Error): void;
};

/** A place for bytes in order. One `write` at a time; once it resolves, the buffer is the caller's again. */
export type ByteSink = {
  write(bytes: Uint8Array): Promise<void>;
  /** Makes a waiting write reject with `reason`, where it could wait for ever. */
  cancel?(reason: Error): void;
};

/** The bytes of an open file from `from` up to `to`, read by position. */
export function fileSource(file: Pick<ReadableFile, 'path' | 'read'>, from: number, to: number): ByteSource {
  let at = from;
  return {
    name: file.path,
    get length() {
      return Math.max(0, to - at);
    },
    async read(buffer) {
      const got = await file.read(buffer, at);
      at += got;
      return got;
    },
  };
}

/** As `fileSource`, but never past `to`, whatever the file has there. */
export function boundedSource(
  file: Pick<ReadableFile, 'path' | 'read'>,
  from: number,
  to: number,
): ByteSource {
  const source = fileSource(file, from, to);
  return {
    name: source.name,
    get length() {
      return source.length;
    },
    read: (buffer) => source.read(buffer.subarray(0, source.length)),
  };
}

/** The bytes of a stream such as standard input. `name` is for messages. */
export function streamSource(stream: AsyncIterable<Uint8Array>, name: string): ByteSource {
  const chunks = stream[Symbol.asyncIterator]();
  const waiting = new Waiting();
  let rest: Uint8Array = new Uint8Array(0);
  let ended = false;
  return {
    name,
    length: undefined,
    async read(buffer) {
      let done = 0;
      while (done < buffer.length) {
        if (rest.length === 0) {
          if (ended) break;
          const next = await waiting.for(chunks.next()).catch((error: unknown) => {
            throw ourError(error, 'read', name);
          });
          if (next.done === true) ended = true;
          else rest = next.value;
          continue;
        }
        const part = rest.subarray(0, buffer.length - done);
        buffer.set(part, done);
        done += part.length;
        rest = rest.subarray(part.length);
      }
      return done;
    },
    cancel: (reason) => waiting.end(reason),
  };
}

/** Bytes that were read ahead, then the rest of the source they came from. */
export function afterPrefix(prefix: Uint8Array, source: ByteSource): ByteSource {
  let rest = prefix;
  return {
    name: source.name,
    length: source.length === undefined ? undefined : source.length + prefix.length,
    async read(buffer) {
      const part = rest.subarray(0, buffer.length);
      buffer.set(part);
      rest = rest.subarray(part.length);
      return part.length < buffer.length
        ? part.length + (await source.read(buffer.subarray(part.length)))
        : part.length;
    },
    cancel: (reason) => source.cancel?.(reason),
  };
}

/**
 * Writes to an open file by position, from `from` on, each place once. A file that a sync client holds for a
 * moment is tried again with the same bytes (pitfall 28).
 */
export function fileSink(file: Pick<OpenFile, 'write'>, from = 0): ByteSink {
  let at = from;
  return {
    async write(bytes) {
      await patiently(() => file.write(bytes, at));
      at += bytes.length;
    },
  };
}

const PAUSES = [50, 200, 800];

async function patiently(act: () => Promise<void>): Promise<void> {
  for (const milliseconds of PAUSES) {
    try {
      return await act();
    } catch (error) {
      if (!isKeywardError(error, 'FileBusy')) throw error;
      await pause(milliseconds);
    }
  }
  return act();
}

/**
 * Writes to a stream such as standard output, as slowly as its reader takes the bytes. It is not ended. The
 * stream must be done with the bytes when it calls back, as files and sockets are and a PassThrough is not.
 */
export function streamSink(stream: Writable, name: string): ByteSink {
  const waiting = new Waiting();
  // An error without a listener would end the process; each write reports it through its callback.
  stream.on('error', () => {});
  return {
    async write(bytes) {
      const written = new Promise<void>((resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      });
      await waiting.for(written).catch((error: unknown) => {
        throw ourError(error, 'write', name);
      });
    },
    cancel: (reason) => waiting.end(reason),
  };
}

/**
 * Waits that can be ended, one at a time. A race against one promise that lives as long as the stream would
 * keep every chunk that ever won it.
 */
class Waiting {
  #reason: Error | undefined;
  #end: ((reason: Error) => void) | undefined;

  /** Settles as `step` does, or rejects when the wait is ended. */
  for<T>(step: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#end = reject;
      if (this.#reason !== undefined) reject(this.#reason);
      step.then(resolve, reject);
    });
  }

  /** Ends the present wait and those to come. */
  end(reason: Error): void {
    this.#reason ??= reason;
    this.#end?.(reason);
  }
}

function ourError(error: unknown, doing: 'read' | 'write', name: string): KeywardError {
  return isKeywardError(error) || !isErrno(error) ? asKeywardError(error) : streamError(error, doing, name);
}
