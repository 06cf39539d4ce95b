import type { Input } from '../../shared/contract.ts';
import { fail } from '../../shared/errors.ts';
import type { KitFacts } from '../../shared/recovery-contract.ts';
import { sha256 } from '../crypto/hash.ts';
import { phraseWords } from '../crypto/phrase.ts';
import { readIdentity } from '../store/identity.ts';
import { phraseIdentity, recoverySets } from '../unlock/recovery-recipients.ts';
import { PHRASE } from '../unlock/recovery-rows.ts';
import type { Services } from './services.ts';

/**
 * What a recovery kit says of the vault; with its phrase also the age identities that derive from it. Throws
 * `WrongRecoveryPhrase` for a phrase that is not this vault's, and `NoRecoveryRecipient` for a vault that has none.
 */
export async function kitFactsOf(
  { store, records, audit, device, clock }: Services,
  { phrase, isNew = false }: Input<'recovery.kit'>,
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
  if (set === undefined && !isNew) throw fail('no-phrase-to-print');
  const { identities, recipients, wipe } = await phraseIdentity(phrase);
  wipe();
  if (isNew || recipients.certifier === set?.certifier)
    return { ...kit, phrase: phraseWords(phrase).join(' '), identities };
  throw fail('kit-phrase-of-another-vault');
}
