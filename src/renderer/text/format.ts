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
