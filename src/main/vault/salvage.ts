import { fail, type KeywardError } from '../../shared/errors.ts';
import { lostRanges, type SalvagedRecords } from '../envelope/salvage-scan.ts';

/** What to tell of bytes that follow the end of a file; nothing of them is recovered. */
export function surplusNote(source: string, { surplus }: SalvagedRecords): string[] {
  if (surplus === 0) return [];
  return [
    `All of ${source} was recovered. ${surplus.toLocaleString('en-GB')} bytes that something added behind its end were left out.`,
  ];
}

/** Tells that no part of a file could be recovered: a file of zeros would only look like something. */
export function nothingLeft(source: string, survey: SalvagedRecords): KeywardError {
  return fail('nothing-recovered', { path: source, end: endOf(survey) }, lostRanges(source, survey).details);
}

/** Tells that only a part of a file could be recovered, and where it is. */
export function salvaged(source: string, target: string, survey: SalvagedRecords): KeywardError {
  return fail(
    'partly-recovered',
    { path: source, target, bytes: survey.bytes, of: survey.of, end: endOf(survey) },
    { ...lostRanges(source, survey).details, target },
  );
}

function endOf({ endMissing }: SalvagedRecords): 'missing' | 'there' {
  return endMissing ? 'missing' : 'there';
}
