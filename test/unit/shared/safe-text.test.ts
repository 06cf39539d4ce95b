import { describe, expect, it } from 'vitest';
import { escaped } from '../../../src/renderer/text/file-names.ts';
import { escapeJson, escapeText } from '../../../src/shared/safe-text.ts';

/** Text, as the command shows it, and as the window does. */
const TABLE: readonly (readonly [text: string, command: string, window: string])[] = [
  ['an escape: a\u001b[2Jb', 'an escape: a\\x1b[2Jb', 'an escape: a‹U+001B›[2Jb'],
  ['two\nlines\r\tand', 'two\\nlines\\r\\tand', 'two‹U+000A›lines‹U+000D›‹U+0009›and'],
  [
    'a control character of 8 bits: \u009b31m',
    'a control character of 8 bits: \\x9b31m',
    'a control character of 8 bits: ‹U+009B›31m',
  ],
  ['invoice\u202efdp.exe', 'invoice\\u{202e}fdp.exe', 'invoice‹U+202E›fdp.exe'],
  [
    'x\u2066y\u2069\u200f\u061c',
    'x\\u{2066}y\\u{2069}\\u{200f}\\u{61c}',
    'x‹U+2066›y‹U+2069›‹U+200F›‹U+061C›',
  ],
  ['\u2028\u0000\u007f\ufeff', '\\u{2028}\\x00\\x7f\\u{feff}', '‹U+2028›‹U+0000›‹U+007F›‹U+FEFF›'],
  [
    'a soft hy\u00adphen, a word\u2060joiner',
    'a soft hy\\xadphen, a word\\u{2060}joiner',
    'a soft hy‹U+00AD›phen, a word‹U+2060›joiner',
  ],
  ['swapping \u206a\u206f', 'swapping \\u{206a}\\u{206f}', 'swapping ‹U+206A›‹U+206F›'],
  ['annotated \ufff9\ufffb', 'annotated \\u{fff9}\\u{fffb}', 'annotated ‹U+FFF9›‹U+FFFB›'],
  ['tag \u{e0041}', 'tag \\u{e0041}', 'tag ‹U+E0041›'],
  ['half \ud800', 'half \\u{d800}', 'half ‹U+D800›'],
  ['\udc00 half', '\\u{dc00} half', '‹U+DC00› half'],
  ['fillers \u3164\uffa0\u115f', 'fillers \\u{3164}\\u{ffa0}\\u{115f}', 'fillers ‹U+3164›‹U+FFA0›‹U+115F›'],
];

/** Text that stays as it is: every script, emoji, joiners and selectors of a variant. */
const SAFE: readonly string[] = [
  'plain name.pdf',
  'Ünïcödé 👩‍💻 文件 файл',
  'Čtení.pdf',
  'قرارداد.pdf',
  'می\u200cخواهم.pdf',
  '契約書.pdf',
  '葛\u{e0100}城.pdf',
  '❤\ufe0f 👩‍👩‍👧.png',
  '<img src=x onerror=alert(1)>.js',
  'back\\slash ‹U+202E›',
];

describe('text from elsewhere', () => {
  it.each(TABLE)(
    'is made safe to show: %j as %j in the command, %j in the window',
    (text, command, window) => {
      expect(escapeText(text)).toBe(command);
      expect(escaped(text)).toBe(window);
    },
  );

  it.each(SAFE)('stays as it is where it is safe: %j', (text) => {
    expect([escapeText(text), escaped(text)]).toEqual([text, text]);
  });

  it('has no unsafe character after it, whatever it was', () => {
    const seen = new Set<string>();
    for (let code = 0; code <= 0x10_ffff; code++) {
      const character = String.fromCodePoint(code);
      for (const shown of [escapeText(character), escaped(character)]) {
        if (escapeText(shown) !== shown) seen.add(code.toString(16));
        if (/[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Zl}\p{Zp}]/u.test(shown)) seen.add(code.toString(16));
      }
    }
    expect([...seen]).toEqual([]);
  });

  it('as JSON reads back as it was, with nothing unsafe in it', () => {
    const value = { path: TABLE.map(([text]) => text).join(' "q" \\ é 👩‍💻 ') };
    for (const indent of [0, 2]) {
      const json = escapeJson(value, indent);
      expect(JSON.parse(json)).toEqual(value);
      expect(escapeText(json.replaceAll('\n', ''))).toBe(json.replaceAll('\n', ''));
    }
  });
});
