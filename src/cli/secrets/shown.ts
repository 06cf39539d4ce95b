import type { Input } from '../../shared/contract.ts';
import { KeywardError } from '../../shared/errors.ts';
import type { Credential } from './credential.ts';

/** A credential as the contract takes it where the owner has to show once more who it is. Throws `Usage`. */
export function shownCredential(credential: Credential): Input<'vault.stepUp'>['credential'] {
  if (credential.kind === 'recovery-phrase') return credential;
  if (credential.kind === 'passphrase') {
    return { kind: 'passphrase', bytes: credential.bytes.toString('base64') };
  }
  throw new KeywardError('Usage', 'The keychain is not enough for this. Give --passphrase-file FILE.');
}
