import { uuidBytes } from '../../crypto/bytes.ts';
import { hkdf } from '../../crypto/hash.ts';
import { damagedRow } from '../errors.ts';
import { versionName } from '../keys/row-schemas.ts';

const INFO = Buffer.from('keyward/1/esdk-raw-aes');

/**
 * The raw AES wrapping key of a version for AWS messages, 32 bytes, which the caller wipes:
 * HKDF-SHA-512(material, info = "keyward/1/esdk-raw-aes" ‖ key id ‖ version id). It opens no native file.
 */
export function rawAesKey(material: Uint8Array, keyId: string, versionId: string): Buffer {
  const id = uuidBytes(keyId);
  if (id === undefined) throw damagedRow(`key-versions/${versionName(keyId, versionId)}`);
  const info = Buffer.concat([INFO, id, Buffer.from(versionId, 'hex')]);
  return hkdf(material, Buffer.alloc(0), info, 32);
}

/** Namespace of our raw AES slots in AWS messages. */
export const RAW_AES_NAMESPACE = 'keyward';

/** The name of a version's raw AES key in AWS messages. */
export function rawAesKeyName(keyId: string, versionId: string): string {
  return `${keyId}/${versionId}`;
}
