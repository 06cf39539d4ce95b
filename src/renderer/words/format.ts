const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A size for people, in powers of 1,000: "4.2 MB". */
export function size(bytes: number): string {
  if (bytes === 1) return '1 byte';
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toLocaleString('en', { minimumFractionDigits: 0, maximumFractionDigits: digits })} ${UNITS[unit]}`;
}

/** A span of time for people, from milliseconds: "40 s", "3 min", "2 h 5 min". */
export function span(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How many of something: "1 file", "214 files". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/** A text that begins a sentence. */
export function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** Several things in a row: "a, b and c". */
export function list(parts: readonly string[], word = 'and'): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} ${word} ${last}`;
}

/** A day: "12 March 2026". */
export function day(iso: string): string {
  return new Date(iso).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
}

/** The same where there is little room: 29 Sept 2026. */
export function shortDay(iso: string): string {
  return new Date(iso).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
}

/** A time of day: "14:05". */
export function clockTime(iso: string): string {
  return new Date(iso).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

/** A name as far as there is room for it in a button; it stands whole beside it. */
export function brief(name: string): string {
  return name.length <= 40 ? name : `${name.slice(0, 38).trimEnd()}…`;
}

/** The start of a long id, for where there is no room. */
export function short(id: string): string {
  return id.length <= 12 ? id : `${id.slice(0, 12)}…`;
}
