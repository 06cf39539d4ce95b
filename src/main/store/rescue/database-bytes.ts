import { APPLICATION_ID, MIGRATIONS } from '../schema.ts';

const PAGE = 4_096;
const WAL_HEAD = 32;
const FRAME_HEAD = 24;

/**
 * The bytes of a damaged database such that SQLite reads as much of it as can be read, from memory alone: the header as
 * every database of ours has it, its length in whole pages, and the journal's complete transactions in place (SQLite,
 * "Database File Format", 1.3 and 4). `undefined` if nothing is left of it.
 */
export function readableDatabase(database: Buffer, journal: Buffer | undefined): Buffer | undefined {
  const pages = journal === undefined ? new Map<number, Buffer>() : journalPages(journal);
  let count = Math.floor(database.length / PAGE);
  for (const page of pages.keys()) count = Math.max(count, page);
  if (count < 1) return undefined;
  const bytes = Buffer.alloc(count * PAGE);
  database.copy(bytes, 0, 0, Math.min(database.length, bytes.length));
  for (const [page, content] of pages) content.copy(bytes, (page - 1) * PAGE);
  setHeader(bytes, count);
  return bytes;
}

function setHeader(bytes: Buffer, pages: number): void {
  bytes.write('SQLite format 3\0', 0, 'latin1');
  bytes.writeUInt16BE(PAGE, 16);
  // No journal beside it; no bytes reserved; the fractions that are always so.
  Buffer.of(1, 1, 0, 64, 32, 32).copy(bytes, 18);
  bytes.writeUInt32BE(1, 24);
  bytes.writeUInt32BE(pages, 28);
  bytes.fill(0, 32, 40);
  bytes.writeUInt32BE(4, 44);
  bytes.fill(0, 48, 56);
  bytes.writeUInt32BE(1, 56);
  bytes.writeUInt32BE(MIGRATIONS.length, 60);
  bytes.writeUInt32BE(0, 64);
  bytes.writeUInt32BE(APPLICATION_ID, 68);
  bytes.fill(0, 72, 92);
  bytes.writeUInt32BE(1, 92);
}

/** The newest content of each page in the journal, up to its last complete transaction. */
function journalPages(journal: Buffer): Map<number, Buffer> {
  const done = new Map<number, Buffer>();
  if (journal.length < WAL_HEAD || (journal.readUInt32BE(0) & ~1) !== 0x377f0682) return done;
  const sum = new WalSum((journal.readUInt32BE(0) & 1) === 1);
  sum.add(journal.subarray(0, 24));
  if (journal.readUInt32BE(8) !== PAGE || !sum.is(journal, 24)) return done;
  const salt = journal.subarray(16, 24);
  const open = new Map<number, Buffer>();
  for (let at = WAL_HEAD; at + FRAME_HEAD + PAGE <= journal.length; at += FRAME_HEAD + PAGE) {
    const content = journal.subarray(at + FRAME_HEAD, at + FRAME_HEAD + PAGE);
    sum.add(journal.subarray(at, at + 8));
    sum.add(content);
    const page = journal.readUInt32BE(at);
    if (
      !journal.subarray(at + 8, at + 16).equals(salt) ||
      !sum.is(journal, at + 16) ||
      page < 1 ||
      page > 1 << 20
    )
      break;
    open.set(page, content);
    if (journal.readUInt32BE(at + 4) === 0) continue;
    for (const [each, bytes] of open) done.set(each, bytes);
    open.clear();
  }
  return done;
}

/** The checksum of SQLite's journal (section 4.2). */
class WalSum {
  readonly #isBig: boolean;
  #one = 0;
  #two = 0;

  constructor(isBig: boolean) {
    this.#isBig = isBig;
  }

  add(bytes: Buffer): void {
    const word = (at: number) => (this.#isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
    for (let at = 0; at < bytes.length; at += 8) {
      this.#one = (this.#one + word(at) + this.#two) >>> 0;
      this.#two = (this.#two + word(at + 4) + this.#one) >>> 0;
    }
  }

  is(bytes: Buffer, at: number): boolean {
    return bytes.readUInt32BE(at) === this.#one && bytes.readUInt32BE(at + 4) === this.#two;
  }
}
