/** A path in a list: its folder under a destination, a number (0 or more) and a mark that go with it. */
export type Listed = {
  readonly path: string;
  readonly below: string;
  readonly number: number;
  readonly marked: boolean;
};

/** Bytes of one piece of a list. */
const PIECE = 64 * 1024;

const FOLDER = 1;
const MARKED = 2;

/**
 * Paths in their order, outside the heap: of a file its name and 13 bytes, of a folder its path where it changes. A job
 * over a hundred thousand files knows them all before it begins, in a few MiB (pitfall 69).
 */
export class PathList {
  readonly #pieces: { readonly bytes: Buffer; end: number }[] = [];
  #folder: string | undefined;
  #below = '';
  #count = 0;

  /** How many paths there are. */
  get count(): number {
    return this.#count;
  }

  /** Appends a path. */
  push({ path, below, number, marked }: Listed): void {
    const cut = path.lastIndexOf('/') + 1;
    const folder = path.slice(0, cut);
    const moved = folder !== this.#folder || below !== this.#below;
    const texts = [path.slice(cut), ...(moved ? [folder, below] : [])].map((text) => Buffer.from(text));
    const length = texts.reduce((sum, text) => sum + 4 + text.length, 9);
    const piece = this.#room(length);
    let at = piece.bytes.writeUInt8((moved ? FOLDER : 0) | (marked ? MARKED : 0), piece.end);
    at = piece.bytes.writeDoubleLE(number, at);
    for (const text of texts) {
      at = piece.bytes.writeUInt32LE(text.length, at);
      at += text.copy(piece.bytes, at);
    }
    piece.end = at;
    this.#folder = folder;
    this.#below = below;
    this.#count++;
  }

  /** The paths in their order. */
  *[Symbol.iterator](): Generator<Listed> {
    let folder = '';
    let below = '';
    for (const { bytes, end } of this.#pieces) {
      let at = 0;
      const text = () => {
        const from = at + 4;
        at = from + bytes.readUInt32LE(at);
        return bytes.toString('utf8', from, at);
      };
      while (at < end) {
        const flags = bytes.readUInt8(at);
        const number = bytes.readDoubleLE(at + 1);
        at += 9;
        const name = text();
        if ((flags & FOLDER) !== 0) [folder, below] = [text(), text()];
        yield { path: folder + name, below, number, marked: (flags & MARKED) !== 0 };
      }
    }
  }

  #room(length: number): { readonly bytes: Buffer; end: number } {
    const last = this.#pieces.at(-1);
    if (last !== undefined && last.end + length <= last.bytes.length) return last;
    const piece = { bytes: Buffer.allocUnsafeSlow(Math.max(PIECE, length)), end: 0 };
    this.#pieces.push(piece);
    return piece;
  }
}
