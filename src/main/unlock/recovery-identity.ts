import { type AgeKind, ageIdentity, ageRecipient } from '../crypto/age.ts';
import { wipe } from '../crypto/bytes.ts';
import { hkdfWith } from '../crypto/hash.ts';
import { signBytes, signingPublicKey } from '../crypto/sign.ts';

/**
 * What a recovery secret of 32 bytes, a phrase's entropy or that of a share set, gives for backups: age identities that
 * open them, and a key that says which devices' backups are to be believed. Each is HKDF-SHA-256 over the secret, without
 * salt, under a label of its own; docs/recovery.md says how to derive them without Keyward.
 */
export type RecoveryIdentity = {
  /** As age writes it, `AGE-SECRET-KEY-…`, by kind. A secret: whoever has it opens every backup. */
  readonly identities: { readonly [K in AgeKind]: string };
  /** Certifies the key of a device: Ed25519 (RFC 8032), 64 bytes. */
  certify(message: Uint8Array): Buffer;
  readonly recipients: RecoveryRecipients;
  /** Forgets the secret; `certify` works no more. */
  wipe(): void;
};

/** The public halves, which a vault keeps under its MACs. `certifier`: 32 bytes of an Ed25519 key, in base64. */
export type RecoveryRecipients = { readonly [K in AgeKind]: string } & { readonly certifier: string };

const LABELS = { hybrid: 'age-pq', x25519: 'age', certify: 'certify' } as const;

/** Derives it. The secret stays the caller's to wipe. */
export async function recoveryIdentity(secret: Uint8Array): Promise<RecoveryIdentity> {
  const identities = {
    hybrid: withSeed(secret, 'hybrid', (seed) => ageIdentity('hybrid', seed)),
    x25519: withSeed(secret, 'x25519', (seed) => ageIdentity('x25519', seed)),
  };
  const certifier = certifierOf(secret);
  const kept = Buffer.from(secret);
  return {
    identities,
    certify: (message) => withSeed(kept, 'certify', (seed) => signBytes(seed, message)),
    recipients: {
      hybrid: await ageRecipient(identities.hybrid),
      x25519: await ageRecipient(identities.x25519),
      certifier,
    },
    wipe: () => wipe(kept),
  };
}

/** The public key of a secret's certifying key alone, in base64: tells secrets apart without age. */
export function certifierOf(secret: Uint8Array): string {
  return withSeed(secret, 'certify', signingPublicKey).toString('base64');
}

function withSeed<T>(secret: Uint8Array, part: keyof typeof LABELS, use: (seed: Buffer) => T): T {
  const label = Buffer.from(`keyward/1/recovery/${LABELS[part]}`);
  const seed = hkdfWith('sha256', secret, Buffer.alloc(0), label, 32);
  try {
    return use(seed);
  } finally {
    wipe(seed);
  }
}
