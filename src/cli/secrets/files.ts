import { dirname } from 'node:path';
import { exists } from '../../main/disk/exists.ts';
import { type OpenFile, openFile } from '../../main/disk/file.ts';
import { isInside } from '../../main/disk/inside.ts';
import { readTextFile } from '../../main/disk/text-file.ts';
import { readSmallFile, syncFolder, unlinkFile } from '../../main/disk/tree.ts';
import { fail } from '../../shared/errors.ts';
import { MAX_BYTES } from './prompt.ts';

/** A secret file's size in bytes before the secret is known: room for the longest phrase and for every export. */
const ROOM = 4_096;

/**
 * The passphrase that a file holds: its bytes without one final newline, as older versions took them. What else
 * belongs to a file and not to the passphrase goes where it is set and where it opens. The caller wipes them.
 */
export async function readPassphrase(path: string, signal?: AbortSignal): Promise<Buffer> {
  const bytes = await readSmallFile(path, MAX_BYTES, signal);
  let end = bytes.length;
  // In UTF-16 a line end is more than a byte: there it goes with the rest.
  const isWide = ['fffe', 'feff'].includes(bytes.toString('hex', 0, 2));
  if (!isWide && bytes[end - 1] === 0x0a) end -= bytes[end - 2] === 0x0d ? 2 : 1;
  if (end === 0) {
    throw fail('passphrase-file-empty', { path });
  }
  const passphrase = Buffer.from(bytes.subarray(0, end));
  bytes.fill(0);
  return passphrase;
}

/** The text of a file with a recovery phrase, in UTF-8 or in UTF-16 with its mark; what unlocks finds the words in it. */
export async function readPhrase(path: string, signal?: AbortSignal): Promise<string> {
  const text = await readTextFile(path, MAX_BYTES, signal);
  return text.trim().replaceAll(/\s+/g, ' ');
}

/** The 24 words as lines of six, for a file. */
export function phraseLines(phrase: string): string {
  const words = phrase.split(' ');
  const lines: string[] = [];
  for (let i = 0; i < words.length; i += 6) lines.push(words.slice(i, i + 6).join(' '));
  return `${lines.join('\n')}\n`;
}

/**
 * A new file for a secret: a new vault's recovery phrase, exported key material. It is made, with room, before the
 * secret is, so that none comes to be that could not be written down.
 */
export class SecretFile {
  readonly #file: OpenFile;

  private constructor(file: OpenFile) {
    this.#file = file;
  }

  /**
   * Makes the file, 0600. `option` is what named it. Throws `TargetExists`, `TargetInVault` for a place inside
   * `home`, disk errors.
   */
  static async make(path: string, home: string, option: string): Promise<SecretFile> {
    await refuseInside(path, home);
    if (exists(path)) {
      throw fail('secret-file-exists', { path, option }, { path });
    }
    const file = await openFile(path, 'create');
    const made = new SecretFile(file);
    try {
      await file.write(Buffer.alloc(ROOM, 0x20), 0);
      await file.sync();
      await syncFolder(dirname(path));
      return made;
    } catch (error) {
      await made.remove();
      throw error;
    }
  }

  /** Writes the secret, flushed. */
  async write(secret: string): Promise<void> {
    const bytes = Buffer.from(secret);
    await this.#file.write(bytes, 0);
    await this.#file.truncate(bytes.length);
    await this.#file.sync();
    await this.#file.close();
    bytes.fill(0);
  }

  /** Takes the file away again: there is no secret. */
  async remove(): Promise<void> {
    await this.#file.close();
    await unlinkFile(this.#file.path);
  }
}

/** Refuses a place inside the vault's home, by any name of it: what opens the vault must not lie beside it. */
async function refuseInside(path: string, home: string): Promise<void> {
  if (await isInside(path, home)) {
    throw fail('secret-file-in-vault', { path });
  }
}
