import { randomBytes } from '../crypto/bytes.ts';
import { SpaceReserve } from '../disk/reserve.ts';

/** How many more entries a full disk must let through, and what one takes at most on average, in bytes. */
const ENTRIES = 50_000;
const ENTRY_BYTES = 1_024;
/** A throw-away vault holds back only this much, in bytes. */
const SMALL = 256 * 1_024;

/**
 * The space held back for the audit log of the database at `databasePath`, in a file beside it
 * (docs/adr/0007). Give it to `Store.open`, which hands it back to the disk step by step when the disk is full.
 */
export function auditReserve(databasePath: string, throwAway: boolean): SpaceReserve {
  return new SpaceReserve(`${databasePath}-reserve`, throwAway ? SMALL / 4 : 1 << 20);
}

/** Fills the reserve up again, at making and at each unlock; false while the disk has no room for all of it. */
export async function fillAuditReserve(reserve: SpaceReserve, throwAway: boolean): Promise<boolean> {
  return reserve.fill(throwAway ? SMALL : ENTRIES * ENTRY_BYTES, randomBytes);
}
