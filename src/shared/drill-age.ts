/** So long a drill is good for, in days. */
export const MAX_DRILL_DAYS = 90;

/** Whether the last drill, a date in ISO 8601, is longer ago than it is good for; `now` in ms since 1970. */
export function isDrillOld(at: string, now: number): boolean {
  return now - Date.parse(at) > MAX_DRILL_DAYS * 86_400_000;
}
