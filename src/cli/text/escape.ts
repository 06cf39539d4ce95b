/**
 * What must not reach a terminal from a name: control characters (and with them escape sequences), line
 * separators, what turns the direction of writing, invisible marks, tags, and halves of surrogate pairs.
 */
const LIVELY =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

const SHORT: { readonly [character: string]: string } = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Text from elsewhere (names, messages with names), made safe to show: lively characters become escapes. */
export function inert(text: string): string {
  return text.replace(LIVELY, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x100) return SHORT[character] ?? `\\x${code.toString(16).padStart(2, '0')}`;
    return `\\u{${code.toString(16)}}`;
  });
}

/** A path as one word of a command line to be pasted into a shell, inert. */
export function shellWord(path: string): string {
  const shown = inert(path);
  return /^[\w@%+=:,./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`;
}

/**
 * JSON that is as inert as `inert` makes text: what JSON leaves as it is becomes a \u escape too. `indent` 0: on
 * one line.
 */
export function inertJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, null, indent).replace(LIVELY, (character) => {
    if (character === '\n') return character;
    const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  });
}
