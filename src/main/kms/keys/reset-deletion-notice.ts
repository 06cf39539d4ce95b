import type { KeyRow } from './row-schemas.ts';

/**
 * A key as it comes back from a backup or an older copy: that its deletion is due was told to somebody else, or of another
 * time, so it is told anew, and at least a day before the key is shredded.
 */
export function untold(row: KeyRow): KeyRow {
  if (row.deletion?.seen === undefined) return row;
  const { seen: _, ...deletion } = row.deletion;
  return { ...row, deletion };
}
