import { kindOf } from '../../../shared/key-specs.ts';
import { oaepDecrypt, oaepEncrypt } from '../../crypto/rsa-keys.ts';
import type { ReadTx } from '../../store/database.ts';
import { type Core, findKey, type KeyLookup, keyById, withCurrent } from '../core.ts';
import { incorrectKey, invalid, invalidCiphertext } from '../errors.ts';
import { type FoundKey, requireEnabled, requireUsage } from '../found-key.ts';
import type { OperationRecord } from '../operation.ts';
import { endDryRun } from '../operations/dry-run.ts';
import type { RequestContext } from '../request.ts';
import type { DryRunInput } from '../types.ts';
import { missing } from '../validate.ts';
import { parseBlob } from './ciphertext-blob.ts';
import {
  ALGORITHM,
  decryptBlob,
  encryptUnder,
  type Opened,
  requireAlgorithm,
  requireBlobLength,
} from './symmetric.ts';

/** What names the key and algorithm of a decryption. `field`: the key's name in errors; `ask`: see `KeyLookup`. */
type OpeningKey = {
  readonly keyId: string | undefined;
  readonly field: 'keyId' | 'sourceKeyId';
  readonly algorithm: string | undefined;
  readonly operation: 'Decrypt' | 'ReEncrypt';
  readonly ask?: Omit<KeyLookup, 'field'>;
};

/** What came out; `versionId` of symmetric keys only. The caller wipes the plaintext. */
type OpenedCipher = Omit<Opened, 'versionId'> & { readonly versionId?: string };

/**
 * Decrypts with a symmetric or an RSA key; the latter must be named. Throws `ValidationException`,
 * `InvalidCiphertextException`, `IncorrectKeyException`, `InvalidKeyUsageException`, `DisabledException`,
 * `KMSInvalidStateException`.
 */
export function openCipher(
  core: Core,
  tx: ReadTx,
  record: OperationRecord,
  by: OpeningKey,
  blob: Uint8Array,
  context: RequestContext,
): OpenedCipher {
  requireBlobLength(blob);
  const said = by.keyId === undefined ? undefined : openingKey(core, tx, record, by, blob);
  if (said !== undefined && said.row.spec !== ALGORITHM) {
    return { key: said, plaintext: decryptRsa(core, tx, said, by.algorithm, blob, context) };
  }
  if (said === undefined && by.algorithm !== undefined && by.algorithm !== ALGORITHM) {
    throw invalid(
      `${by.field === 'keyId' ? 'KeyId' : 'SourceKeyId'} is required to decrypt with an asymmetric key.`,
    );
  }
  return decryptBlob(core, tx, record, { blob, context: context.bytes(), said, ask: by.ask });
}

/**
 * The key that is to decrypt, where it is named and may do so. A blob that names another key tells before what the
 * named one is for. Throws as `openCipher`, and for a missing name.
 */
export function openingKey(
  core: Core,
  tx: ReadTx,
  record: OperationRecord,
  by: OpeningKey,
  blob?: Uint8Array,
): FoundKey {
  const { keyId, field, ask, algorithm, operation } = by;
  if (keyId === undefined) throw missing(field);
  const key = findKey(core, tx, record, keyId, { ...ask, field });
  if ((algorithm ?? ALGORITHM) === ALGORITHM && blob !== undefined) {
    requireEnabled(key);
    const named = parseBlob(blob)?.keyId;
    // Bytes that look like a blob by chance, such as one RSA ciphertext in 256, name no key of this vault.
    if (named !== undefined && named !== key.id && keyById(core, tx, named) !== undefined) {
      throw incorrectKey();
    }
  }
  requireCipher(key, algorithm, operation);
  return key;
}

/** What is to be encrypted, and how; no `plaintext` where a dry run had no ciphertext to take it from. */
type Sealing = {
  readonly operation: 'Encrypt' | 'ReEncrypt';
  readonly algorithm: string | undefined;
  readonly context: RequestContext;
  readonly plaintext: Uint8Array | undefined;
  readonly tried: DryRunInput;
};

/** A ciphertext; `KeyMaterialId` of symmetric keys only. */
type SealedCipher = {
  readonly CiphertextBlob: Buffer;
  readonly EncryptionAlgorithm: string;
  readonly KeyMaterialId?: string;
};

/**
 * Encrypts under a symmetric or an RSA key. Throws `DryRunOperationException` for a call that is only tried, once it
 * is known that it would succeed, `ValidationException`, `InvalidKeyUsageException`, `DisabledException`,
 * `KMSInvalidStateException`.
 */
export function sealCipher(
  core: Core,
  tx: ReadTx,
  record: OperationRecord,
  key: FoundKey,
  { operation, algorithm = ALGORITHM, context, plaintext = Buffer.alloc(0), tried }: Sealing,
): SealedCipher {
  requireCipher(key, algorithm, operation);
  if (key.row.spec === ALGORITHM) {
    const bytes = context.bytes();
    endDryRun(tried);
    const CiphertextBlob = encryptUnder(core, tx, record, key, bytes, plaintext, operation);
    return { CiphertextBlob, KeyMaterialId: key.row.current, EncryptionAlgorithm: ALGORITHM };
  }
  refuseContext(context);
  const most = mostBytes(key, algorithm);
  if (plaintext.length > most) {
    throw invalid(
      `Algorithm ${algorithm} and key spec ${key.row.spec} cannot encrypt data larger than ${most} bytes.`,
    );
  }
  endDryRun(tried);
  const CiphertextBlob = withCurrent(core, tx, key, (material) =>
    oaepEncrypt(material, hashOf(algorithm), plaintext),
  );
  return { CiphertextBlob, EncryptionAlgorithm: algorithm };
}

function decryptRsa(
  core: Core,
  tx: ReadTx,
  key: FoundKey,
  algorithm = ALGORITHM,
  blob: Uint8Array,
  context: RequestContext,
): Buffer {
  refuseContext(context);
  const plaintext = withCurrent(core, tx, key, (material) => oaepDecrypt(material, hashOf(algorithm), blob));
  if (plaintext === undefined) throw invalidCiphertext();
  return plaintext;
}

/** Throws unless the key's state, usage and algorithms allow this. */
function requireCipher(key: FoundKey, algorithm: string | undefined, operation: string): void {
  requireEnabled(key);
  requireUsage(key, 'ENCRYPT_DECRYPT', operation);
  requireAlgorithm(algorithm, key);
}

/** What OAEP has room for (RFC 8017 section 7.1.1). */
function mostBytes(key: FoundKey, algorithm: string): number {
  const kind = kindOf(key.row.spec);
  return (kind.kind === 'rsa' ? kind.bits / 8 : 0) - 2 * (hashOf(algorithm) === 'sha1' ? 20 : 32) - 2;
}

function hashOf(algorithm: string): 'sha1' | 'sha256' {
  return algorithm.endsWith('_1') ? 'sha1' : 'sha256';
}

function refuseContext(context: RequestContext): void {
  if (context.bytes().length > 0) {
    throw invalid('An encryption context is for symmetric encryption keys only.');
  }
}
