import { z } from 'zod';
import { sealText, unsealText } from '../crypto/aead.ts';
import { canonicalJson } from './canonical.ts';

const INFO = 'keyward/1/backup-material';

/** The label of the purpose key that seals material within a backup. */
export const BACKUP_PURPOSE = 'backup';

/** What the material of a version is bound to. */
const binding = z.strictObject({
  keyId: z.uuid(),
  versionId: z.string().regex(/^[0-9a-f]{64}$/),
  spec: z.string().max(64),
  usage: z.string().max(64),
  origin: z.string().max(64),
});

/** A version's material as it stands in a backup; `sealed` in base64. */
export const sealedMaterial = binding.extend({
  sealed: z
    .base64()
    .min(64)
    .max(64 << 10),
});

type MaterialName = z.output<typeof binding>;
type SealedMaterial = z.output<typeof sealedMaterial>;

/** Seals the material of a version for a backup. `key`: the root key's purpose key, 32 bytes; both stay the caller's to wipe. */
export function sealMaterial(
  key: Buffer,
  vaultId: string,
  name: MaterialName,
  material: Uint8Array,
): SealedMaterial {
  return { ...name, sealed: sealText(key, INFO, dataOf(vaultId, name), material) };
}

/** Opens it; `undefined` if it is not authentic. The caller wipes it. */
export function openMaterial(
  key: Buffer,
  vaultId: string,
  { sealed, ...name }: SealedMaterial,
): Buffer | undefined {
  return unsealText(key, INFO, dataOf(vaultId, name), sealed);
}

function dataOf(vaultId: string, { keyId, versionId, spec, usage, origin }: MaterialName): Buffer {
  return Buffer.from(canonicalJson({ keyId, versionId, spec, usage, origin, vaultId }));
}
