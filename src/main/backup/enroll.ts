import type { Clock } from '../../shared/clock.ts';
import { wipe } from '../crypto/bytes.ts';
import type { Store, Tx } from '../store/database.ts';
import type { Records } from '../store/records.ts';
import { certifierOf, type RecoveryIdentity } from '../unlock/recovery-identity.ts';
import { PHRASE, phraseIdentity, putRecoverySet } from '../unlock/recovery-recipients.ts';
import { recoveryEntropy } from '../unlock/secret.ts';
import type { Certifier, Device } from './device.ts';

/** Has backups made for a phrase, by this device, which the phrase answers for; it becomes one if it is none yet. */
export function enroll(
  tx: Tx,
  { records, device, clock }: { readonly records: Records; readonly device: Device; readonly clock: Clock },
  identity: RecoveryIdentity,
): void {
  putRecoverySet(tx, records, { id: PHRASE, created: clock.now(), ...identity.recipients });
  const by = certifierBy(identity);
  if (device.facts(tx) === undefined) device.create(tx, clock.now(), by);
  else device.certify(tx, by);
}

/**
 * Has the phrase that just opened the vault answer for this device, unless it does: a vault from before there were
 * backups has no device until then. True if something was written.
 */
export async function renewDevice(
  store: Store,
  device: Device,
  phrase: string,
  clock: Clock,
): Promise<boolean> {
  const secret = recoveryEntropy(phrase);
  const certifier = certifierOf(secret);
  wipe(secret);
  const facts = store.read((tx) => device.facts(tx));
  if (facts?.certificate?.certifier === certifier) return false;
  const identity = await phraseIdentity(phrase);
  try {
    const by = certifierBy(identity);
    // Where nothing can be written the next unlock tries again.
    return store.writeIfPossible((tx) =>
      facts === undefined ? device.create(tx, clock.now(), by) : device.certify(tx, by),
    );
  } finally {
    identity.wipe();
  }
}

function certifierBy({ recipients, certify }: RecoveryIdentity): Certifier {
  return { publicKey: recipients.certifier, certify };
}
