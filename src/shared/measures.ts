const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A size in bytes for people, in powers of 1,000: "4.2 MB". */
export function sizeText(bytes: number): string {
  if (bytes === 1) return '1 byte';
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  const maximumFractionDigits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toLocaleString('en', { maximumFractionDigits })} ${UNITS[unit]}`;
}

/** A span of time for people, from seconds: "0.4 s", "12 s", "3 min", "2 h 5 min". */
export function durationText(seconds: number): string {
  if (seconds < 9.95) return `${Math.round(seconds * 10) / 10} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How many of something: "1 file", "1,214 files". */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** The greatest distance from 1970 that a date can have, in ms (ECMA-262, "Time Values"). */
const MAX_TIME = 8.64e15;

/** A time in ms since 1970 as ISO 8601, whatever number a file or database holds: one that no date can have is cut. */
export function isoTime(ms: number): string {
  return new Date(Math.max(-MAX_TIME, Math.min(ms, MAX_TIME))).toISOString();
}
