import { KeywardError } from '../../shared/errors.ts';
import { lostRanges, type Survey } from '../envelope/survey.ts';

/** What to tell of bytes that follow the end of a file; nothing of them is recovered. */
export function surplusNote(source: string, { surplus }: Survey): string[] {
  if (surplus === 0) return [];
  return [
    `All of ${source} was recovered. ${surplus.toLocaleString('en-GB')} bytes that something added behind its end were left out.`,
  ];
}

/** Tells that only a part of a file could be recovered, and where it is. */
export function salvaged(source: string, target: string, survey: Survey): KeywardError {
  const count = (bytes: number) => bytes.toLocaleString('en-GB');
  const end = survey.endMissing ? ' Its end is missing, and with it whatever came after them.' : '';
  return new KeywardError(
    'FileDamaged',
    `${source} is damaged: ${count(survey.bytes)} of ${count(survey.of)} bytes were recovered into ${target}, where zeros stand for what is lost.${end} Use another copy of the file if there is one.`,
    { ...lostRanges(source, survey).details, target },
  );
}
