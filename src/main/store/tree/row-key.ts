/** A row as a tree knows it: its key (see `treeKey`) and a digest of 32 bytes that stands for all of it. */
export type TreeRow = { readonly key: string; readonly digest: Buffer };

/** The key of a row within its tree: its names in the order in which rows are sorted, by the bytes of UTF-8. */
export function treeKey(...names: readonly string[]): string {
  const text = names.join('\0');
  return isAscii(text) ? text : Buffer.from(text).toString('latin1');
}

/** A key for people: names with a slash between them. */
export function textOf(key: string): string {
  return Buffer.from(key, 'latin1').toString().replaceAll('\0', '/');
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}
