import { fail, type KeywardError } from '../../shared/errors.ts';
import { type RecordRow, recordKey } from '../store/record-row.ts';
import { isWithin, type SalvagedRecords } from '../store/rescue/salvage-records.ts';

const ROOM = 'settings';
const NAME = 'open-files-without-audit';

/** What both files say of a damaged vault's settings. `second`: whether all of the second file holds. */
type Salvaged = {
  readonly survey: SalvagedRecords;
  readonly second: { readonly isWhole: boolean } | undefined;
};

/**
 * Whether a vault that is open for rescue may give out files by itself: nothing of it can be logged. The setting "open files
 * without audit" as it is proven, else as the whole second file has it; where neither says so, it counts as off, and so it
 * does where any copy of this vault's says off.
 */
export function opensUnlogged({ survey, second }: Salvaged): boolean {
  const seen = survey.sightings.find(({ room, id }) => room === ROOM && id === NAME);
  const proven = [seen?.database, seen?.second].find((row) => isProven(row, seen?.proof));
  if (proven !== undefined) return isOn(proven);
  if (!isWithin(survey.unproven, recordKey(ROOM, NAME))) return seen === undefined || seen.proof === null;
  if (second?.isWhole !== true) return false;
  return [seen?.database, seen?.second].every((row) => row === undefined || isOn(row));
}

function isProven(row: RecordRow | undefined, proof: Buffer | null | undefined): boolean {
  return row !== undefined && proof instanceof Buffer && row.mac.equals(proof);
}

function isOn({ body }: RecordRow): boolean {
  return body.toString() === 'true';
}

/** The refusal of a rescue that its owner has not asked for with this in mind. */
export function unloggedRefused(cause: KeywardError): KeywardError {
  return fail('rescue-not-logged', {}, { rescue: true }, cause);
}
