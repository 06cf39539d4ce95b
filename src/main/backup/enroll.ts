import type { Clock } from '../../shared/clock.ts';
import { wipe } from '../crypto/bytes.ts';
import type { Store, Tx } from '../store/database.ts';
import type { Records } from '../store/records.ts';
import { certifierOf, type RecoveryIdentity, recoveryIdentity } from '../unlock/recovery-identity.ts';
import { putRecoverySet } from '../unlock/recovery-recipients.ts';
import { PHRASE } from '../unlock/recovery-rows.ts';
import { recoveryEntropy } from '../unlock/secret.ts';
import { openShares, type ShareCount } from '../unlock/shares.ts';
import { type Certifier, certifiersOf, type Device } from './device.ts';

type Parts = { readonly records: Records; readonly device: Device; readonly clock: Clock };

/** The phrase, or a share set: what backups are made for. */
type EnrolledAs = { readonly id: string; readonly shares?: ShareCount };

/** Has backups made for a recovery secret, by this device, which it answers for; it becomes one if it is none yet. */
export function enroll(
  tx: Tx,
  { records, device, clock }: Parts,
  identity: RecoveryIdentity,
  { id, shares }: EnrolledAs = { id: PHRASE },
): void {
  const created = clock.now();
  const set = { id, created, ...identity.recipients, ...(shares === undefined ? {} : { shares }) };
  putRecoverySet(tx, records, set);
  const by = certifierBy(identity);
  const of = id === PHRASE ? 'phrase' : 'shares';
  if (device.facts(tx) === undefined) device.create(tx, created, by, of);
  else device.certify(tx, by, of);
}

/** What opened the vault and can answer for a device. */
type RecoveryCredential =
  | { readonly kind: 'recovery-phrase'; readonly phrase: string }
  | { readonly kind: 'shares'; readonly shares: readonly string[] };

/** The secret of a recovery credential, 32 bytes; the caller wipes it. Throws `WrongRecoveryPhrase`, `WrongShares`. */
async function recoverySecret(credential: RecoveryCredential): Promise<Buffer> {
  if (credential.kind === 'recovery-phrase') return recoveryEntropy(credential.phrase);
  return (await openShares(credential.shares)).secret;
}

/**
 * Has what just opened the vault answer for this device, unless it does: a vault from before there were backups has no
 * device until then. True if something was written.
 */
export async function renewDevice(
  store: Store,
  device: Device,
  credential: RecoveryCredential,
  clock: Clock,
): Promise<boolean> {
  const secret = await recoverySecret(credential);
  try {
    const facts = store.read((tx) => device.facts(tx));
    if (facts !== undefined && certifiersOf(facts).includes(certifierOf(secret))) return false;
    const identity = await recoveryIdentity(secret);
    const of = credential.kind === 'shares' ? 'shares' : 'phrase';
    try {
      const by = certifierBy(identity);
      // Where nothing can be written the next unlock tries again.
      return store.writeIfPossible((tx) =>
        facts === undefined ? device.create(tx, clock.now(), by, of) : device.certify(tx, by, of),
      );
    } finally {
      identity.wipe();
    }
  } finally {
    wipe(secret);
  }
}

/** A recovery secret as what signs certificates. */
export function certifierBy({ recipients, certify }: RecoveryIdentity): Certifier {
  return { publicKey: recipients.certifier, certify };
}
