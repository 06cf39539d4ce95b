import { fail, type KeywardError } from '../../shared/errors.ts';
import type { HeaderFault } from '../../shared/reasons/store.ts';
import { readStart } from '../disk/database-file.ts';

const PAGE = 4_096;
const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';
/** What SQLite's file format (section 1.3) has at these places in every database of ours: offset, bytes that may stand. */
const FIXED: readonly (readonly [number, readonly number[]])[] = [
  [16, [PAGE >> 8]],
  [17, [PAGE & 0xff]],
  [18, [1, 2]],
  [19, [1, 2]],
  [20, [0]],
  [21, [64]],
  [22, [32]],
  [23, [32]],
  ...zeros(44, 3),
  [47, [4]],
  ...zeros(52, 4),
  ...zeros(56, 3),
  [59, [1]],
  ...zeros(64, 4),
  ...zeros(72, 20),
];

const UNSET_AT_FIRST = [47, 59];

/**
 * Looks at the first bytes and the length of a vault's database before SQLite does, which would take some damage for a
 * disk that can only be read, and some for an error of ours. Throws `VaultDamaged` saying what is wrong, and the disk
 * errors. While there is a journal the file may be shorter than it says.
 */
export function requireFileHeader(path: string): void {
  const { bytes, size, hasJournal } = readStart(path, HEADER_BYTES);
  if (size === 0) throw damaged(path, 'empty', size);
  if (bytes.length < HEADER_BYTES) throw damaged(path, 'cut', size, size);
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) throw damaged(path, 'beginning', size);
  for (const [at, allowed] of FIXED) {
    // Until the journal is moved in for the first time, the file has neither schema format nor encoding.
    const isUnset = hasJournal && UNSET_AT_FIRST.includes(at) && bytes.readUInt8(at) === 0;
    if (!isUnset && !allowed.includes(bytes.readUInt8(at))) throw damaged(path, 'byte', size, at);
  }
  // Both say whether there may be a journal; SQLite changes them together.
  if (bytes.readUInt8(18) !== bytes.readUInt8(19)) {
    throw damaged(path, 'bytes-18-19', size);
  }
  const said = bytes.readUInt32BE(28) * PAGE;
  if (!hasJournal && bytes.readUInt32BE(24) === bytes.readUInt32BE(92) && size < said) {
    throw damaged(path, 'end', size, said - size);
  }
}

function zeros(from: number, count: number): (readonly [number, readonly number[]])[] {
  return Array.from({ length: count }, (_, n) => [from + n, [0]] as const);
}

function damaged(path: string, what: HeaderFault, size: number, count?: number): KeywardError {
  return fail('database-not-whole', { path, what, count }, { path, size });
}
