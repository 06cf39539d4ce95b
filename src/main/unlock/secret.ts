import { fail } from '../../shared/errors.ts';
import { randomBytes, wipe } from '../crypto/bytes.ts';
import { hkdf } from '../crypto/hash.ts';
import { passphraseKey } from '../crypto/passphrase.ts';
import { entropyOf, phraseOf, phraseWords, randomWords, unknownWords } from '../crypto/phrase.ts';
import type { ProtectorFacts } from './record.ts';

/** What one record's secret gives: the key-check value, 16 bytes, and the key that wraps the root key, 32. */
type ProtectorKeys = { readonly check: Buffer; readonly wrap: Buffer };

/**
 * The keys behind a secret: the passphrase's bytes (through Argon2id), the phrase's entropy or the
 * keychain's secret (both random, so HKDF alone), each with the record's salt.
 */
export async function protectorKeys(facts: ProtectorFacts, secret: Uint8Array): Promise<ProtectorKeys> {
  const { cost, kind, salt } = facts;
  const strong = cost === undefined ? Buffer.from(secret) : await passphraseKey(secret, salt, cost);
  const keys = hkdf(strong, salt, `keyward/1/protector/${kind}`, 48);
  wipe(strong);
  return { check: keys.subarray(0, 16), wrap: keys.subarray(16) };
}

/** A new recovery phrase: 24 words over 32 random bytes, stored nowhere. */
export function newRecoveryPhrase(): string {
  const entropy = randomBytes(32);
  const phrase = phraseOf(entropy);
  wipe(entropy);
  return phrase;
}

/** A passphrase of six words at random, 66 bits; whoever gets its bytes wipes them. */
export function generatedPassphrase(): Buffer<ArrayBuffer> {
  return randomWords(6);
}

/**
 * The entropy of a phrase as typed. Throws `WrongRecoveryPhrase` for one that can't be any vault's, and says
 * which words are wrong by their place: the words themselves are a secret.
 */
export function recoveryEntropy(phrase: string): Buffer {
  const entropy = entropyOf(phrase);
  if (entropy !== undefined) return entropy;
  const words = phraseWords(phrase);
  const wrong = words.flatMap((word, index) => (unknownWords(word).length > 0 ? [index + 1] : []));
  throw fail(
    'not-a-recovery-phrase',
    {
      what: whatIsWrong(words.length, wrong),
      count: words.length,
      unknown: wrong.length,
      places: wrong.map(String),
    },
    { words: words.length, unknownAt: wrong },
  );
}

function whatIsWrong(words: number, wrong: readonly number[]): 'count' | 'words' | 'order' {
  if (words !== 24) return 'count';
  return wrong.length > 0 ? 'words' : 'order';
}
