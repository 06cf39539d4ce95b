/** A link of a page: what it points to, without the fragment, and the fragment if there is one. */
export type Link = { readonly to: string; readonly fragment: string | undefined };

/** The page without its blocks and spans of code, in which nothing is a link or a heading. */
function prose(page: string): string {
  return page
    .replace(/^(```|~~~)[\s\S]*?^\1.*$/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]]/g, ''));
}

/** Every link and picture of a page that does not lead to the web. */
export function localLinks(page: string): Link[] {
  return [...prose(page).matchAll(/\]\(([^()\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [to = '', fragment] = target.split('#');
      return { to, fragment };
    });
}

/** The fragments that a page's headings have, as GitHub makes them. */
export function anchors(page: string): string[] {
  return [...prose(page).matchAll(/^#+ +(.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The cells of the table that follows `heading`, row by row, without its head. */
export function tableAfter(page: string, heading: string): string[][] {
  const lines = page.slice(page.indexOf(`\n${heading}\n`)).split('\n');
  const start = lines.findIndex((line) => /^\|[-|]+$/.test(line)) + 1;
  const end = lines.findIndex((line, index) => index >= start && !line.startsWith('|'));
  return lines.slice(start, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
