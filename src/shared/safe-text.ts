/*
 * Text from elsewhere (names of files, messages with names, what AWS wrote), made safe to show: control characters,
 * and with them escape sequences; line separators; what turns the direction of writing; what can't be seen
 * (Default_Ignorable_Code_Point, Unicode 17, DerivedCoreProperties), tags and fillers among it; interlinear
 * annotations; halves of surrogate pairs. What writing needs stays: joiners, and selectors of a variant.
 */
const UNSAFE =
  /[[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]--[\u034f\u200c\u200d\u180b-\u180d\u180f\ufe00-\ufe0f\u{e0100}-\u{e01ef}]]/gv;

const SHORT: { readonly [character: string]: string } = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * How an unsafe character is written instead: `backslash` as in code, for a terminal (`\n`, `\x1b`, `\u{202e}`);
 * `number` by its Unicode number, for a window (`‹U+202E›`).
 */
type EscapeStyle = 'backslash' | 'number';

/** Text that is safe to show: what is unsafe becomes an escape, the rest stays as it is. */
export function escapeText(text: string, style: EscapeStyle = 'backslash'): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (style === 'number') return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
    if (code < 0x100) return SHORT[character] ?? `\\x${code.toString(16).padStart(2, '0')}`;
    return `\\u{${code.toString(16)}}`;
  });
}

/**
 * JSON that is as safe to show: what JSON leaves as it is becomes a \u escape too. It reads back as it was.
 * `indent` 0: on one line.
 */
export function escapeJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, null, indent).replace(UNSAFE, (character) => {
    if (character === '\n') return character;
    const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  });
}
