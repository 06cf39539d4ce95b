import type { Input } from '../../shared/contract.ts';
import type { Credential } from '../../shared/credential.ts';
import { fail } from '../../shared/errors.ts';
import type { Console } from '../console.ts';
import { type CredentialOptions, withCredential } from './credential.ts';

type FreshUnlock = Input<'vault.stepUp'>['credential'];

/**
 * Runs `use` with what the owner shows once more, for what an open vault alone does not allow: by the same options
 * and prompt as unlocking, but never by the keychain, which answers whoever is logged in. Throws as `withCredential`.
 */
export function withReauthentication<T>(
  console: Console,
  options: CredentialOptions,
  use: (credential: FreshUnlock) => Promise<T>,
): Promise<T> {
  const noProtectors = async () => [];
  return withCredential(console, options, noProtectors, (credential) => use(shown(credential)));
}

/** A credential as the contract takes it. Throws `Usage`. */
function shown(credential: Credential): FreshUnlock {
  if (credential.kind === 'recovery-phrase') return credential;
  if (credential.kind === 'shares') return { kind: 'shares', shares: [...credential.shares] };
  if (credential.kind === 'passphrase') {
    return { kind: 'passphrase', bytes: Buffer.from(credential.bytes).toString('base64') };
  }
  throw fail('keychain-not-enough');
}
