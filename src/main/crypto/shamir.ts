import { combine, split } from 'shamir-secret-sharing';

/** Splits a secret into shares, any `threshold` of which give it again (Shamir, GF(2^8)); each is a byte longer. Wiped by the caller. */
export async function splitSecret(secret: Uint8Array, shares: number, threshold: number): Promise<Buffer[]> {
  const parts = await split(Uint8Array.from(secret), shares, threshold);
  return parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength));
}

/** The secret of at least `threshold` shares; of fewer, or wrong ones, it is another one. */
export async function combineSecret(shares: readonly Uint8Array[]): Promise<Buffer> {
  return Buffer.from(await combine(shares.map((share) => Uint8Array.from(share))));
}
