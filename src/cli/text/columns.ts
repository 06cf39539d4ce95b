/** A moment (ISO 8601) in the reader's own time zone: "2026-11-23 22:05:09". */
export function momentText(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|\ufe0f/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no room
const COLOUR = /\u001b\[[0-9;]*m/g;
const PLAIN = /^[\u0020-\u007e]*$/;

/** Columns that text takes on a terminal; colours take none. */
export function widthOf(text: string): number {
  const bare = text.replace(COLOUR, '');
  if (PLAIN.test(bare)) return bare.length;
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(bare)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** Text filled with spaces to `width` columns, on the right or, for numbers, on the left. */
export function padTo(text: string, width: number, side: 'left' | 'right' = 'right'): string {
  const spaces = ' '.repeat(Math.max(0, width - widthOf(text)));
  return side === 'left' ? spaces + text : text + spaces;
}

/** Text cut to `width` columns, its end kept: the end of a path says most. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const parts = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  while (parts.length > 0 && widthOf(parts.join('')) > width - 1) parts.shift();
  return `…${parts.join('')}`;
}

/** Rows as aligned columns, two spaces apart. A column wider than `most` does not push the others away. */
export function columns(rows: readonly (readonly string[])[], most = 44): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      const width = widthOf(cell);
      if (width <= most) widths[i] = Math.max(widths[i] ?? 0, width);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, i) => padTo(cell, widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
