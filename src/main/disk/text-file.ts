import { readSmallFile } from './tree.ts';

/** The text of a small file, in UTF-8 or in UTF-16 with its mark; its bytes are wiped. Throws as `readSmallFile`. */
export async function readTextFile(path: string, maximum: number, signal?: AbortSignal): Promise<string> {
  const bytes = await readSmallFile(path, maximum, signal);
  const mark = bytes.toString('hex', 0, 2);
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  const text = new TextDecoder(encoding).decode(bytes);
  bytes.fill(0);
  return text;
}
