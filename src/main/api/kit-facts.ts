import { KeywardError } from '../../shared/errors.ts';
import type { KitFacts } from '../../shared/recovery-contract.ts';
import { sha256 } from '../crypto/hash.ts';
import { phraseWords } from '../crypto/phrase.ts';
import { readIdentity } from '../store/identity.ts';
import { PHRASE, phraseIdentity, recoverySets } from '../unlock/recovery-recipients.ts';
import type { Services } from './services.ts';

/**
 * What a recovery kit says of the vault; with its phrase also the age identities that derive from it. Throws
 * `WrongRecoveryPhrase` for a phrase that is not this vault's, and `NoRecoveryRecipient` for a vault that has none.
 */
export async function kitFactsOf(
  { store, records, audit, device, clock }: Services,
  phrase: string | undefined,
): Promise<KitFacts> {
  const { vault, set, facts } = store.read((tx) => ({
    vault: readIdentity(tx),
    set: recoverySets(tx, records).find(({ id }) => id === PHRASE),
    facts: device.facts(tx),
  }));
  const kit = {
    vaultId: vault.id,
    created: new Date(vault.created).toISOString(),
    logKey: sha256(audit.firstPublicKey()).toString('hex'),
    ...(facts === undefined
      ? {}
      : { backupKey: sha256(Buffer.from(facts.publicKey, 'base64')).toString('hex') }),
    printed: new Date(clock.now()).toISOString(),
  };
  if (phrase === undefined) return kit;
  if (set === undefined) {
    throw new KeywardError(
      'NoRecoveryRecipient',
      'The vault has no recovery phrase that it could print, or was never unlocked with it by this version. Make one: keyward protectors add recovery-phrase',
    );
  }
  const { identities, recipients, wipe } = await phraseIdentity(phrase);
  wipe();
  if (recipients.certifier === set.certifier)
    return { ...kit, phrase: phraseWords(phrase).join(' '), identities };
  throw new KeywardError(
    'WrongRecoveryPhrase',
    'This is a recovery phrase, but not of this vault, so no kit was made of it. Check that it is the right sheet.',
  );
}
