import { join } from 'node:path';
import { openFile } from '../../main/disk/file.ts';
import { makeFolder, writeNewFile } from '../../main/disk/tree.ts';

/** Repeatable numbers from 0 up to 1 (mulberry32), so that sample data looks the same every time. */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const WORDS =
  'the undersigned agrees that all records of this matter remain confidential and are returned upon request patient reports mild improvement since last visit invoice total includes travel and filing fees appendix lists every exhibit by date'.split(
    ' ',
  );

/** How much text is generated, in bytes; anything longer repeats it. */
const FRESH_BYTES = 65_536;

/** `bytes` bytes that read like a document. */
function documentBytes(bytes: number, next: () => number): Buffer {
  const parts: string[] = [];
  const fresh = Math.min(bytes, FRESH_BYTES);
  for (let length = 0; length < fresh; ) {
    const word = `${WORDS[Math.floor(next() * WORDS.length)] ?? 'and'}${next() < 0.08 ? '.\n' : ' '}`;
    parts.push(word);
    length += word.length;
  }
  return Buffer.alloc(bytes, parts.join('') || ' ');
}

/** A file to be made: its path below the folder, its size, and when it was last changed (ms since 1970). */
export type SampleFile = { readonly path: string; readonly bytes: number; readonly modified: number };

/** Makes the files, folders included. */
export async function makeSampleFiles(
  folder: string,
  papers: readonly SampleFile[],
  seed: number,
): Promise<void> {
  const next = numbersFrom(seed);
  for (const { path, bytes, modified } of papers) {
    const whole = join(folder, path);
    await makeFolder(join(whole, '..'));
    await writeNewFile(whole, documentBytes(bytes, next));
    const file = await openFile(whole, 'update');
    await file.setModified(BigInt(modified) * 1_000_000n);
    await file.close();
  }
}
