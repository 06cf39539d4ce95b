import { KeywardError } from '../../shared/errors.ts';
import type { Console } from '../console.ts';
import { ATTEMPTS, ask } from './credential.ts';
import { readPassphrase } from './files.ts';

/** Where a new passphrase comes from. */
type NewPassphraseSource = {
  /** A file that holds it. */
  readonly file?: string | undefined;
  /** The option that names such a file. */
  readonly option: string;
  /** What is said where none may be given and leaving it empty means none. */
  readonly optional?: string | undefined;
};

/**
 * A new passphrase: from a file, or asked for twice (pitfall 34). `undefined` where none is given and that is allowed.
 * The caller wipes it. Throws `Usage` where there is neither a file nor anybody to ask.
 */
export async function newPassphrase(
  console: Console,
  { file, option, optional }: NewPassphraseSource,
): Promise<Buffer | undefined> {
  if (file !== undefined) return readPassphrase(console.absolute(file), console.signal);
  if (!console.canAsk) {
    if (optional !== undefined) return undefined;
    throw new KeywardError(
      'Usage',
      `A new passphrase is needed, and there is no terminal to ask for it on. Give ${option} FILE.`,
    );
  }
  if (optional !== undefined) console.note(optional);
  for (let attempt = 1; ; attempt++) {
    const first = await ask(console, 'New passphrase: ');
    if (first.length === 0 && optional !== undefined) return undefined;
    const again = await ask(console, 'The same again: ');
    const same = first.equals(again) || textOf(first) === textOf(again);
    again.fill(0);
    if (same && first.length > 0) return first;
    first.fill(0);
    if (attempt === ATTEMPTS) {
      throw new KeywardError('Usage', 'No passphrase was set, so nothing was made or changed. Try again.');
    }
    console.note(same ? 'A passphrase needs at least one character.' : 'The two differ. Try again.');
  }
}

/** One may be typed and the other pasted: what unlocks takes their normalisations for the same. */
function textOf(typed: Buffer): string {
  return typed.toString('utf8').normalize();
}
