import { fail } from '../../shared/errors.ts';
import type { Console } from '../console.ts';
import { columns } from '../text/columns.ts';
import { ATTEMPTS, ask } from './credential.ts';

/** How many words of a phrase are asked for. */
const ASKED = 3;

/** Shows a recovery phrase, this once. */
export function sayPhrase(console: Console, phrase: string): void {
  const words = phrase.split(' ').map((word, i) => `${String(i + 1).padStart(2)} ${word}`);
  console.say(console.style.bold('Recovery phrase'));
  console.say('It opens the vault when the passphrase is lost. Write it down now; it is not shown again.');
  console.say();
  const rows = Array.from({ length: Math.ceil(words.length / 4) }, (_, i) => words.slice(i * 4, i * 4 + 4));
  for (const line of columns(rows)) console.say(`  ${line}`);
}

/** Asks for three words of a phrase that was shown, so that the paper is known to exist. Throws `Cancelled`. */
export async function confirmPhrase(console: Console, phrase: string): Promise<void> {
  const words = phrase.split(' ');
  const third = Math.floor(words.length / ASKED);
  const random = crypto.getRandomValues(new Uint32Array(ASKED));
  for (const [n, value] of random.entries()) await confirmWord(console, words, n * third + (value % third));
}

async function confirmWord(console: Console, words: readonly string[], place: number): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const typed = await ask(console, `Word ${place + 1}, from your paper: `);
    const word = typed.toString('utf8').trim().toLowerCase();
    typed.fill(0);
    if (word === words[place]) return;
    if (attempt === ATTEMPTS) {
      throw fail('phrase-not-repeated');
    }
    console.note('That is another word. Look at your paper.');
  }
}
