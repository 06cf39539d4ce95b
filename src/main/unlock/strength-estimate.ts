import type { PassphraseStrength } from '../../shared/passphrase-strength.ts';

/** Below this level a passphrase is weak: fewer than 10⁸ tries find it. */
const GOOD = 3;

/** What whoever guesses at this vault would try first. */
const KNOWN = ['keyward', 'vault', 'passphrase', 'master key'];

/** Lists that add little to the others and would take half of the memory. */
const LEFT_OUT = ['lastnames-en', 'wikipedia-en'];

let loaded: ReturnType<typeof load> | undefined;

/** Estimates how strong a text is as a passphrase. The first call takes half a second and some 50 MiB. */
export async function estimateStrength(text: string): Promise<PassphraseStrength> {
  loaded ??= load();
  const { score, guessesLog10, feedback } = (await loaded).check(text, KNOWN);
  const advice = [feedback.warning, ...feedback.suggestions].filter((line) => line !== null);
  return { level: score, guesses: guessesLog10, weak: score < GOOD, advice };
}

async function load() {
  const [{ ZxcvbnFactory }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ]);
  const words = Object.entries(english.dictionary).filter(([name]) => !LEFT_OUT.includes(name));
  return new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...Object.fromEntries(words) },
    graphs: common.adjacencyGraphs,
    translations: english.translations,
  });
}
