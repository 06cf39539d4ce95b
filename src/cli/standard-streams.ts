import { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { flushOutput, inputBytes, kindOfStream, writeOutput } from '../main/disk/standard-streams.ts';
import { fail, type KeywardError } from '../shared/errors.ts';
import type { StreamRefusal } from '../shared/reasons/disk.ts';

/**
 * The bytes of standard input, whatever it is. Throws `SourceNotRegular` for what gives none: a folder, a socket of
 * datagrams, a descriptor that is closed. What is read throws as `inputBytes` does.
 */
export function bytesOfInput(stdin: NodeJS.ReadStream, signal: AbortSignal): AsyncIterable<Buffer> {
  const kind = stdin === process.stdin ? kindOfStream(0) : 'stream';
  if (kind === 'bytes') return inputBytes(signal);
  if (typeof kind === 'object') throw notReadable(kind.refused);
  if (kind === 'socket' && !(stdin instanceof Socket)) throw notReadable(DATAGRAMS);
  signal.addEventListener('abort', () => stdin.destroy(), { once: true });
  return stdin as AsyncIterable<Buffer>;
}

/** Standard output as Node has it, or, for files and devices and for what takes no bytes, one of our own. */
export function outputStream(stdout: NodeJS.WriteStream): NodeJS.WriteStream {
  const kind = kindOfStream(1);
  if (kind === 'stream' || (kind === 'socket' && (stdout as Writable) instanceof Socket)) return stdout;
  const why = kind === 'bytes' ? undefined : typeof kind === 'object' ? kind.refused : DATAGRAMS;
  return new OwnOutput(why) as unknown as NodeJS.WriteStream;
}

/** Has the disk keep what went to standard output, where that is a file or a block device. */
export async function flushed(stdout: NodeJS.WriteStream): Promise<void> {
  if ((stdout as unknown) instanceof OwnOutput) await flushOutput();
}

const DATAGRAMS: StreamRefusal = 'datagrams';

class OwnOutput extends Writable {
  readonly isTTY = false;
  readonly #refused: StreamRefusal | undefined;

  constructor(refused: StreamRefusal | undefined) {
    super();
    this.#refused = refused;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const refused =
      this.#refused === undefined || chunk.length === 0
        ? undefined
        : fail('output-refused', { why: this.#refused });
    const written = refused === undefined ? writeOutput(chunk) : Promise.reject(refused);
    written.then(
      () => done(),
      (error: Error) => done(error),
    );
  }
}

function notReadable(why: StreamRefusal): KeywardError {
  return fail('stream-refused', { why });
}
