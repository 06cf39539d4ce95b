import { Writable } from 'node:stream';
import { fail, type KeywardError } from '../shared/errors.ts';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;

/**
 * Standard output as the end of a pipe: it can be ended without closing standard output. On a terminal it takes text
 * only, since escape sequences in what somebody else encrypted would be obeyed there.
 */
export class PipeOutput extends Writable {
  readonly #broke: (error: Error) => void;
  readonly #stdout: NodeJS.WriteStream;
  #refusal: KeywardError | undefined;
  #last = 0;

  /** `broke` hears that standard output can't be written, before the work does, which knows no reason. */
  constructor(stdout: NodeJS.WriteStream, broke: (error: Error) => void) {
    super({ highWaterMark: 1024 * 1024 });
    this.#stdout = stdout;
    this.#broke = broke;
    // A broken standard output is seen where it breaks; see watchOutput.
    this.on('error', () => undefined);
  }

  /** `Usage`, if bytes were held back from a terminal. */
  get refusal(): KeywardError | undefined {
    return this.#refusal;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#stdout.isTTY === true && !isText(chunk, this.#last)) {
      this.#refusal = fail('decrypted-bytes-to-terminal');
      done(this.#refusal);
      return;
    }
    this.#last = chunk.at(-1) ?? this.#last;
    this.#stdout.write(chunk, (error) => {
      if (error) this.#broke(error);
      done(error ?? null);
    });
  }
}

/**
 * Whether a terminal would only show these bytes: no control characters but those of lines, nor those that UTF-8
 * writes as C2 80 to C2 9F. `before` is the byte in front of them.
 */
function isText(bytes: Buffer, before: number): boolean {
  let previous = before;
  for (const byte of bytes) {
    const ofLines = byte === TAB || byte === LINE_FEED || byte === RETURN;
    if ((byte < 0x20 && !ofLines) || byte === 0x7f) return false;
    if (previous === 0xc2 && byte >= 0x80 && byte <= 0x9f) return false;
    previous = byte;
  }
  return true;
}
