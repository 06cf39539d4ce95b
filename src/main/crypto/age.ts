import { bech32 } from '@scure/base';

/*
 * age files (the age v1 format, C2SP age.md), by age's own library. It is loaded when it is first needed: nothing that
 * starts with the process waits for it.
 */

/** The kinds of recipients: hybrid ML-KEM-768 with X25519, or X25519 alone, which age before 1.3 reads. */
export type AgeKind = 'hybrid' | 'x25519';

const PREFIX = { hybrid: 'AGE-SECRET-KEY-PQ-', x25519: 'AGE-SECRET-KEY-' } as const;

/** The identity of a seed of 32 bytes, as age writes it: `AGE-SECRET-KEY-PQ-1…` or `AGE-SECRET-KEY-1…`. */
export function ageIdentity(kind: AgeKind, seed: Uint8Array): string {
  if (seed.length !== 32) throw new RangeError('the seed of an age identity has 32 bytes');
  return bech32.encodeFromBytes(PREFIX[kind], seed).toUpperCase();
}

/** The recipient of an identity: `age1pq1…` or `age1…`. */
export async function ageRecipient(identity: string): Promise<string> {
  const { identityToRecipient } = await import('age-encryption');
  return identityToRecipient(identity);
}

/** Encrypts bytes to recipients, all of one kind: a hybrid file stays hybrid only if no other can open it. */
export async function ageEncrypt(plaintext: Uint8Array, recipients: readonly string[]): Promise<Buffer> {
  const hybrid = recipients.filter((recipient) => recipient.startsWith('age1pq1')).length;
  if (recipients.length === 0 || (hybrid !== 0 && hybrid !== recipients.length)) {
    throw new RangeError('an age file is for recipients of one kind, and at least one');
  }
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return Buffer.from(await encrypter.encrypt(plaintext));
}

/** What became of an age file: its bytes, no key that fits, or one that fits and a body that does not hold. */
type AgeDecrypted =
  | { readonly is: 'open'; readonly plaintext: Buffer }
  | { readonly is: 'not-for-this-key' | 'damaged' };

/** Decrypts an age file with identities. The plaintext is the caller's to wipe. */
export async function ageDecrypt(file: Uint8Array, identities: readonly string[]): Promise<AgeDecrypted> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  let header: Uint8Array;
  try {
    header = await decrypter.decryptHeader(file);
  } catch (error) {
    const fits = !(error instanceof Error && /no identity matched/.test(error.message));
    return { is: fits ? 'damaged' : 'not-for-this-key' };
  }
  header.fill(0);
  try {
    return { is: 'open', plaintext: Buffer.from(await decrypter.decrypt(file)) };
  } catch {
    return { is: 'damaged' };
  }
}
