import { KeywardError } from '../../shared/errors.ts';
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
  return new KeywardError(
    'FileDamaged',
    `${source} is damaged: nothing of its content could be recovered, and nothing was written.${endOf(survey)} Use another copy of the file.`,
    lostRanges(source, survey).details,
  );
}

/** Tells that only a part of a file could be recovered, and where it is. */
export function salvaged(source: string, target: string, survey: SalvagedRecords): KeywardError {
  const count = (bytes: number) => bytes.toLocaleString('en-GB');
  return new KeywardError(
    'FileDamaged',
    `${source} is damaged: ${count(survey.bytes)} of ${count(survey.of)} bytes were recovered into ${target}, where zeros stand for what is lost.${endOf(survey)} Use another copy of the file if there is one.`,
    { ...lostRanges(source, survey).details, target },
  );
}

function endOf({ endMissing }: SalvagedRecords): string {
  return endMissing ? ' Its end is missing, and with it whatever came there.' : '';
}
