import { z } from 'zod';
import { verifyBytes } from '../crypto/sign.ts';
import { canonicalJson } from './canonical.ts';
import { deviceFacts } from './device.ts';

/** Longest manifest that is read, in bytes: that of 100,000 keys. */
export const MAX_MANIFEST_BYTES = 8 << 20;

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const unsigned = z.strictObject({
  keyward: z.literal('manifest/1'),
  vault: z.uuid(),
  device: deviceFacts,
  /** Counts the backups of this device. */
  sequence: z.number().int().min(1).max(9_999_999_999),
  /** ISO 8601, in UTC. */
  created: z.iso.datetime(),
  /** The kind of age recipients that open it. */
  kind: z.enum(['hybrid', 'x25519']),
  /** Of the age file beside it. */
  sha256: hash,
  bytes: z.number().int().nonnegative(),
  /** Where the audit log ended. */
  head: z.strictObject({ seq: z.number().int().nonnegative(), hash }),
  /** Ids of the keys that are in it. */
  keys: z.array(z.uuid()).max(100_000),
  recipients: z.array(z.string().startsWith('age1').max(4_096)).min(1).max(64),
});

const signed = unsigned.extend({ signature: z.base64() });

/** What stands in clear beside a backup, but for its signature. */
export type UnsignedManifest = z.output<typeof unsigned>;

/** The same, signed by the device that made the backup: Ed25519 over `canonicalJson` of all but `signature`. */
export type Manifest = z.output<typeof signed>;

/** Signs a manifest; `sign` is `Device.sign`. */
export function signManifest(manifest: UnsignedManifest, sign: (message: Buffer) => Buffer): Manifest {
  return { ...manifest, signature: sign(Buffer.from(canonicalJson(manifest))).toString('base64') };
}

/** A manifest as it stands in its file. */
export function encodeManifest(manifest: Manifest): Buffer {
  return Buffer.from(`${canonicalJson(manifest)}\n`);
}

/**
 * Reads a manifest and verifies its signature by the key in it: it is whole, and says nothing yet of whether that device
 * is to be believed (`isCertified`). `undefined` for anything else.
 */
export function readManifest(bytes: Buffer): Manifest | undefined {
  if (bytes.length > MAX_MANIFEST_BYTES) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
  const parsed = signed.safeParse(json);
  if (!parsed.success) return undefined;
  const { signature, ...rest } = parsed.data;
  const key = Buffer.from(rest.device.publicKey, 'base64');
  const bytesOf = Buffer.from(signature, 'base64');
  if (key.length !== 32 || bytesOf.length !== 64) return undefined;
  return verifyBytes(key, Buffer.from(canonicalJson(rest)), bytesOf) ? parsed.data : undefined;
}

/** The name, without its ending, of a backup's two files. */
export function backupName({
  vault,
  device,
  sequence,
}: Pick<Manifest, 'vault' | 'sequence'> & { readonly device: { readonly id: string } }): string {
  return `${vault}-${device.id}-${String(sequence).padStart(10, '0')}`;
}

/** Takes a manifest's file name apart; `undefined` for any other name. */
export function parseBackupName(
  name: string,
): { readonly vault: string; readonly device: string; readonly sequence: number } | undefined {
  const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
  const [, vault, device, sequence] = new RegExp(`^(${UUID})-(${UUID})-(\\d{10})\\.json$`).exec(name) ?? [];
  if (vault === undefined || device === undefined || sequence === undefined) return undefined;
  return { vault, device, sequence: Number(sequence) };
}
