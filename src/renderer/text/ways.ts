import { ownValue } from './own-property.ts';

const WORDS: { readonly [kind: string]: string } = {
  passphrase: 'passphrase',
  keychain: 'keychain of this computer',
  'recovery-phrase': 'recovery phrase',
  shares: 'set of shares',
};

/** A way to unlock within a sentence. */
export function wayWord(kind: string): string {
  return ownValue(WORDS, kind) ?? kind;
}
