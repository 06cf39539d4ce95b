import { fail } from '../../shared/errors.ts';
import { strengthText, weakText } from '../../shared/passphrase-strength.ts';
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
  /** `--weak-passphrase`: a weak one is meant. */
  readonly weak?: boolean | undefined;
};

/**
 * A new passphrase: from a file, or asked for twice (pitfall 34) or made of six words. `undefined` where none is given and
 * that is allowed. The caller wipes it. Throws `Usage` where there is neither a file nor anybody to ask, and
 * `WeakPassphrase` for a weak one that is not meant.
 */
export async function newPassphrase(
  console: Console,
  { file, option, optional, weak }: NewPassphraseSource,
): Promise<Buffer | undefined> {
  if (file !== undefined) {
    const given = await readPassphrase(console.absolute(file), console.signal);
    await requireStrong(console, given, weak);
    return given;
  }
  if (!console.canAsk) {
    if (optional !== undefined) return undefined;
    throw fail('new-passphrase-needs-terminal', { option });
  }
  if (optional !== undefined) console.note(optional);
  for (let attempt = 1; ; attempt++) {
    const typed = await typedTwice(console, optional !== undefined);
    if (typed === 'none') return undefined;
    if (typed instanceof Buffer && (await isStrongOrMeant(console, typed, weak))) return typed;
    if (attempt === ATTEMPTS) {
      throw fail('no-passphrase-set');
    }
    if (typed instanceof Buffer) continue;
    console.note(
      typed === 'empty' ? 'A passphrase needs at least one character.' : 'The two differ. Try again.',
    );
  }
}

/** Refuses a weak passphrase unless it is meant, where nobody is asked. Wipes one that is refused. */
export async function requireStrong(
  console: Console,
  passphrase: Buffer,
  weak: boolean | undefined,
): Promise<void> {
  if (weak === true) return;
  const strength = await strengthOf(passphrase);
  console.note(`Strength of the new passphrase: ${strengthText(strength)}.`);
  if (!strength.weak) return;
  passphrase.fill(0);
  throw fail('passphrase-weak', { strength: weakText(strength) }, { level: strength.level });
}

async function typedTwice(
  console: Console,
  optional: boolean,
): Promise<Buffer | 'none' | 'empty' | 'different'> {
  const offers = !optional && !console.json;
  const first = await ask(
    console,
    offers ? 'New passphrase (Enter alone: have six words made): ' : 'New passphrase: ',
  );
  if (first.length === 0 && !offers) return optional ? 'none' : 'empty';
  const made = first.length === 0;
  const wanted = made ? await generated(console) : first;
  const again = await ask(console, made ? 'Type it, from your paper: ' : 'The same again: ');
  const same = wanted.equals(again) || textOf(wanted) === textOf(again);
  again.fill(0);
  if (same) return wanted;
  wanted.fill(0);
  return 'different';
}

async function generated(console: Console): Promise<Buffer> {
  const { generatedPassphrase } = await import('../../main/api/without-session.ts');
  const words = generatedPassphrase();
  console.note(`Six words at random (66 bits): ${words.toString()}`);
  console.note('Write them down, or learn them: they are not shown again.');
  return words;
}

/** Says how strong it is; whether a weak one is meant is asked. One that is not is wiped. */
async function isStrongOrMeant(
  console: Console,
  passphrase: Buffer,
  weak: boolean | undefined,
): Promise<boolean> {
  const strength = await strengthOf(passphrase);
  console.note(`Strength: ${strengthText(strength)}.`);
  if (!strength.weak || weak === true) return true;
  console.note(weakText(strength));
  const answer = await ask(console, 'Use it all the same? Type yes: ');
  const meant = answer.toString('utf8').trim().toLowerCase() === 'yes';
  answer.fill(0);
  if (!meant) passphrase.fill(0);
  return meant;
}

async function strengthOf(passphrase: Buffer) {
  const { endStrengthThread, passphraseStrength } = await import('../../main/api/without-session.ts');
  // Its memory is needed for what the passphrase is to cost.
  return passphraseStrength(passphrase).finally(endStrengthThread);
}

/** One may be typed and the other pasted: what unlocks takes their normalisations for the same. */
function textOf(typed: Buffer): string {
  return typed.toString('utf8').normalize();
}
