/** What a person shows: the bytes of a passphrase as given, which stay the caller's to wipe, or a recovery phrase. */
export type PersonalCredential =
  | { readonly kind: 'passphrase'; readonly bytes: Uint8Array }
  | { readonly kind: 'recovery-phrase'; readonly phrase: string };

/** What unlocks a vault. The keychain answers whoever is logged in. */
export type Credential = PersonalCredential | { readonly kind: 'keychain' };
