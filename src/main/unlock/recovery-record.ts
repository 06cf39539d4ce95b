import type { Clock } from '../../shared/clock.ts';
import { ageDecrypt, ageEncrypt } from '../crypto/age.ts';
import { equalBytes, randomBytes, randomUuid, wipe } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import {
  encodeRecord,
  type NewProtector,
  type ProtectorFacts,
  type ProtectorRecord,
  recordHeader,
} from './record.ts';
import { certifierOf, type RecoveryRecipients, recoveryIdentity } from './recovery-identity.ts';
import { RootKey } from './root-key.ts';

/** What a recovery protector is made for: the phrase, or a share set, whose id the protector has too. */
type RecoveryFor = Pick<RecoveryRecipients, 'hybrid' | 'certifier'> &
  ({ readonly kind: 'recovery-phrase' } | { readonly kind: 'shares'; readonly id: string });

/**
 * A protector that opens with a recovery secret and is made by its public halves alone (docs/adr/0020): the root key, behind
 * the record's header, as an age file to the hybrid recipient.
 */
export async function recoveryProtector(root: RootKey, to: RecoveryFor, clock: Clock): Promise<NewProtector> {
  const facts: ProtectorFacts = {
    id: to.kind === 'shares' ? to.id : randomUuid(),
    kind: to.kind,
    vaultId: root.vaultId,
    created: clock.now(),
    salt: randomBytes(32),
  };
  const header = recordHeader(facts, 'age');
  const key = root.forProtector();
  const plaintext = Buffer.concat([header, key]);
  wipe(key);
  const sealed = await ageEncrypt(plaintext, [to.hybrid]).finally(() => wipe(plaintext));
  return {
    id: facts.id,
    kind: facts.kind,
    record: encodeRecord(header, checkOf(facts.salt, to.certifier), sealed),
  };
}

/**
 * The root key of such a record by its secret: `wrong` where the record is of another secret, `damaged` where it is of this
 * one and does not open all the same.
 */
export async function openRecoveryRecord(
  { facts, header, check, wrapped }: ProtectorRecord,
  secret: Uint8Array,
): Promise<RootKey | 'wrong' | 'damaged'> {
  if (!equalBytes(check, checkOf(facts.salt, certifierOf(secret)))) return 'wrong';
  const { identities, wipe: forget } = await recoveryIdentity(secret);
  forget();
  const opened = await ageDecrypt(wrapped, [identities.hybrid]);
  if (opened.is !== 'open') return 'damaged';
  try {
    const [about, key] = [
      opened.plaintext.subarray(0, header.length),
      opened.plaintext.subarray(header.length),
    ];
    if (!about.equals(header) || key.length !== 32) return 'damaged';
    return RootKey.restored(facts.vaultId, key);
  } finally {
    wipe(opened.plaintext);
  }
}

/** 16 bytes that tell whether a record is of a secret, without opening it. */
function checkOf(salt: Buffer, certifier: string): Buffer {
  const label = Buffer.from('keyward/1/protector/recovery-check');
  return sha256(label, salt, Buffer.from(certifier, 'base64')).subarray(0, 16);
}
