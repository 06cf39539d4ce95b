/* How strong a passphrase is, in the words of both faces. */

const WORDS = ['very weak', 'weak', 'fair', 'good', 'strong'] as const;

/**
 * An estimate: `level` 0 to 4, where 3 takes more than 10⁸ tries; `guesses`: their number's decimal logarithm; `weak`:
 * below level 3, to be used only by whoever says so; `advice`: what would make it better. Its schema stands with the
 * bridge: zod makes functions of texts, which the page's policy refuses.
 */
export type PassphraseStrength = {
  readonly level: number;
  readonly guesses: number;
  readonly weak: boolean;
  readonly advice: readonly string[];
};

/** In words, such as "weak: found within about 10,000 tries". */
export function strengthText({ level, guesses, weak }: PassphraseStrength): string {
  const word = WORDS[level] ?? WORDS[0];
  return weak ? `${word}: found within about ${tries(guesses)} tries` : word;
}

/** Why a weak one is not taken, and what to do. */
export function weakText(strength: PassphraseStrength): string {
  const advice = strength.advice.map((line) => ` ${line}`).join('');
  return `The passphrase is ${strengthText(strength)} by a program that knows how people choose.${advice} Several words that only you would put together are better.`;
}

function tries(log10: number): string {
  const rounded = 10 ** Math.max(1, Math.round(log10));
  return rounded.toLocaleString('en-US');
}
