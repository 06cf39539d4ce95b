import type { Curve } from '../../crypto/ecdsa.ts';

/**
 * An algorithm suite of the AWS Encryption SDK. Bodies are AES-GCM with IVs of 12 and tags of 16 bytes in all.
 */
export type Suite = {
  readonly id: number;
  /** The message version that may name it. */
  readonly version: 1 | 2;
  /** Bytes of the data key and of the body's key. */
  readonly keyBytes: 16 | 24 | 32;
  readonly kdf: 'none' | 'sha256' | 'sha384' | 'sha512';
  /** Whether a message under it can be opened with one data key only. */
  readonly committing: boolean;
  /** The curve of its signature; ECDSA with the SHA-2 of the same length. */
  readonly curve: Curve | undefined;
};

/** Every suite of versions 1 and 2, by its id. */
export const SUITES: ReadonlyMap<number, Suite> = new Map(
  (
    [
      [0x0014, 1, 16, 'none', undefined],
      [0x0046, 1, 24, 'none', undefined],
      [0x0078, 1, 32, 'none', undefined],
      [0x0114, 1, 16, 'sha256', undefined],
      [0x0146, 1, 24, 'sha256', undefined],
      [0x0178, 1, 32, 'sha256', undefined],
      [0x0214, 1, 16, 'sha256', 'P-256'],
      [0x0346, 1, 24, 'sha384', 'P-384'],
      [0x0378, 1, 32, 'sha384', 'P-384'],
      [0x0478, 2, 32, 'sha512', undefined],
      [0x0578, 2, 32, 'sha512', 'P-384'],
    ] as const
  ).map(([id, version, keyBytes, kdf, curve]) => [
    id,
    { id, version, keyBytes, kdf, committing: version === 2, curve },
  ]),
);

/** The id as it is usually written: `0x0478`. */
export function suiteName({ id }: Suite): string {
  return `0x${id.toString(16).padStart(4, '0')}`;
}
