/** What a person shows: the bytes of a passphrase as given, which stay the caller's to wipe, a recovery phrase, or enough shares of a set. */
export type PersonalCredential =
  | { readonly kind: 'passphrase'; readonly bytes: Uint8Array }
  | { readonly kind: 'recovery-phrase'; readonly phrase: string }
  | { readonly kind: 'shares'; readonly shares: readonly string[] };

/**
 * What unlocks a vault. The keychain answers whoever is logged in. `putBackRead`: the owner has read that an older copy of
 * the vault seems to have been put in its place, by the token of `VaultPutBack`, or whatever there is to be read.
 * `withoutAudit`: the owner wants a damaged vault open for rescue though its setting is to open no file without the log.
 */
export type Credential = (PersonalCredential | { readonly kind: 'keychain' }) & {
  readonly putBackRead?: string | true;
  readonly withoutAudit?: true;
};
