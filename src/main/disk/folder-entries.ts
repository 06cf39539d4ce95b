import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { diskError } from './errors.ts';
import { injectFault } from './fault-hook.ts';
import type { FileFacts } from './file.ts';

/** What stands in a folder: a name, and what it is; a link is a link. */
type Entry = { readonly name: string; readonly kind: FileFacts['kind'] };

const KINDS: readonly FileFacts['kind'][] = ['file', 'folder', 'link', 'other'];

/** Bytes of one piece of the names. An entry lies in one piece, so its address is 32 bits: piece, then place in it. */
const PIECE = 1 << 16;

/** Kind and length, before each name. */
const HEAD = 3;

/** So many entries are asked of the system at a time. */
const PAGE = 1024;

/**
 * The entries of a folder, in the order of their names' UTF-8, outside the heap: 7 bytes and its name for each. They are
 * asked of the system page by page, so that a folder of a million files takes tens of MiB (pitfall 69).
 */
export class FolderEntries {
  readonly #pieces: Buffer[] = [];
  #end = PIECE;
  #addresses = new Uint32Array(PAGE);
  #count = 0;

  private constructor() {}

  /** Lists a folder; links are not followed. Throws the disk errors. */
  static async of(path: string): Promise<FolderEntries> {
    const entries = new FolderEntries();
    try {
      injectFault({ op: 'list', path });
      for await (const entry of await opendir(path, { bufferSize: PAGE })) entries.#push(entry);
    } catch (error) {
      throw diskError(error, 'list', path);
    }
    entries.#sort();
    return entries;
  }

  *[Symbol.iterator](): Generator<Entry> {
    for (const address of this.#addresses) {
      const { piece, from, to } = this.#place(address);
      yield {
        name: piece.toString('utf8', from, to),
        kind: KINDS[piece.readUInt8(from - HEAD)] ?? 'other',
      };
    }
  }

  #push(entry: Dirent): void {
    const name = Buffer.from(entry.name);
    const length = HEAD + name.length;
    if (this.#end + length > PIECE) {
      this.#pieces.push(Buffer.allocUnsafeSlow(PIECE));
      this.#end = 0;
    }
    const last = this.#pieces.length - 1;
    const piece = this.#pieces[last] as Buffer;
    piece.writeUInt8(KINDS.indexOf(kindOf(entry)), this.#end);
    piece.writeUInt16LE(name.length, this.#end + 1);
    name.copy(piece, this.#end + HEAD);
    if (this.#count === this.#addresses.length) {
      const more = new Uint32Array(2 * this.#count);
      more.set(this.#addresses);
      this.#addresses = more;
    }
    this.#addresses[this.#count++] = last * PIECE + this.#end;
    this.#end += length;
  }

  #sort(): void {
    this.#addresses = this.#addresses.slice(0, this.#count).sort((one, other) => {
      const [a, b] = [this.#place(one), this.#place(other)];
      return a.piece.compare(b.piece, b.from, b.to, a.from, a.to);
    });
  }

  #place(address: number): { readonly piece: Buffer; readonly from: number; readonly to: number } {
    const piece = this.#pieces[Math.floor(address / PIECE)] as Buffer;
    const from = (address % PIECE) + HEAD;
    return { piece, from, to: from + piece.readUInt16LE(from - 2) };
  }
}

function kindOf(entry: Dirent): FileFacts['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}
