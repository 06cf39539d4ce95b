import { fail, type KeywardError } from '../../shared/errors.ts';

const NEWLINE = 0x0a;

/**
 * Cuts a byte stream into lines. Chunks go in by `push`, lines come out by `next` until it gives
 * `undefined`; `rest` hands out what follows the last line taken, for connections that go on as bytes.
 */
export class LineReader {
  #chunks: Buffer[] = [];
  #length = 0;
  #searched = 0;
  #most: number;

  /** `most`: longest line in bytes that is taken. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Changes the longest line that is taken from now on. */
  set most(bytes: number) {
    this.#most = bytes;
  }

  /** Takes bytes in. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The next whole line without its end. Throws `MessageTooLarge` for a line over the limit. */
  next(): string | undefined {
    for (; this.#searched < this.#chunks.length; this.#searched++) {
      const at = this.#chunks[this.#searched]?.indexOf(NEWLINE) ?? -1;
      if (at < 0) continue;
      const before = this.#chunks.slice(0, this.#searched).reduce((sum, chunk) => sum + chunk.length, 0);
      const length = before + at;
      if (length > this.#most) throw tooLarge(this.#most);
      const all = this.rest();
      if (all.length > length + 1) this.push(all.subarray(length + 1));
      return all.toString('utf8', 0, length);
    }
    if (this.#length > this.#most) throw tooLarge(this.#most);
    return undefined;
  }

  /** Everything not yet taken; the cutter is empty afterwards. */
  rest(): Buffer {
    const all =
      this.#chunks.length === 1 ? (this.#chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#length = 0;
    this.#searched = 0;
    return all;
  }
}

function tooLarge(most: number): KeywardError {
  return fail('message-too-large', { kib: Math.floor(most / 1024) }, { limit: most });
}
