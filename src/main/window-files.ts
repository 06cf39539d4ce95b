import { join } from 'node:path';
import { readTextFile } from './disk/text-file.ts';
import { factsAt, readSmallFile, renameFile, unlinkFile, writeNewFile } from './disk/tree.ts';
import type { PathFacts } from './ipc/handles.ts';
import type { ThemeStore } from './shell/appearance.ts';
import { recogniseAt } from './vault/recognise.ts';

/** No file that is read for the page's sake is larger: wrapped key material, and import tokens. */
const MAX_CHOSEN = 64 * 1024;

/** What stands at a path. A file that can't be read counts as plain: the job that then takes it says why it can't. */
export async function pathFacts(path: string): Promise<PathFacts> {
  const facts = await factsAt(path, true);
  if (facts === undefined) return undefined;
  const { size: bytes } = facts;
  if (facts.kind === 'link') return { kind: 'other', bytes };
  if (facts.kind !== 'file') return { kind: facts.kind, bytes };
  const is = await recogniseAt(path).then(
    (seen) => seen.is,
    () => 'plain',
  );
  return { kind: is === 'encrypted' ? 'encrypted' : 'file', bytes };
}

/** A small file that the user chose. */
export function readChosen(path: string): Promise<Buffer> {
  return readSmallFile(path, MAX_CHOSEN);
}

/** Writes a new file into a folder that the user chose; returns its path. Throws `TargetExists`. */
export async function writeBeside(folder: string, name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeNewFile(path, bytes);
  return path;
}

/** Where the choice of light or dark is kept: a file that holds a word. */
export function themeStore(path: string): ThemeStore {
  return {
    read: async () => (await readSmallFile(path, 64)).toString('utf8'),
    write: async (text) => {
      const next = `${path}.new`;
      await unlinkFile(next);
      await writeNewFile(next, text);
      await renameFile(next, path);
    },
  };
}

/** The text of a small file that the user chose, in UTF-8 or UTF-16. */
export function readChosenText(path: string): Promise<string> {
  return readTextFile(path, MAX_CHOSEN);
}

/** Writes what the user saves, whole, over what the dialog asked about; nothing else beside it is touched. */
export async function saveChosen(path: string, content: string | Uint8Array): Promise<void> {
  const next = `${path}.${crypto.randomUUID()}.new`;
  await writeNewFile(next, content);
  try {
    await renameFile(next, path);
  } catch (error) {
    await unlinkFile(next);
    throw error;
  }
}
