import { awsError } from '../../../shared/errors.ts';
import { algorithmsOf } from '../../../shared/key-specs.ts';
import type { ReadTx } from '../../store/database.ts';
import { type Core, findKeyById, type KeyLookup, withCurrent, withMaterial } from '../core.ts';
import { incorrectKey, invalidCiphertext } from '../errors.ts';
import { type FoundKey, requireEnabled, requireSymmetric } from '../found-key.ts';
import type { OperationRecord } from '../operation.ts';
import { requireLength, requireOneOf } from '../validate.ts';
import { openBlob, parseBlob, sealBlob } from './ciphertext-blob.ts';

/** The algorithm of symmetric keys. */
export const ALGORITHM = 'SYMMETRIC_DEFAULT';

const ALGORITHMS = [ALGORITHM, 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256', 'SM2PKE'];
const MAX_BLOB = 6_144;

/** Encrypts under the current version of an enabled symmetric key, and notes the version for the log. */
export function encryptUnder(
  core: Core,
  tx: ReadTx,
  record: OperationRecord,
  key: FoundKey,
  context: Uint8Array,
  plaintext: Uint8Array,
  operation: string,
): Buffer {
  requireEnabled(key);
  requireSymmetric(key, operation);
  const version = { keyId: key.id, versionId: key.row.current };
  record.response = { keyMaterialId: version.versionId };
  return withCurrent(core, tx, key, (material) => sealBlob(material, version, context, plaintext));
}

/** What is to be decrypted; `context` in canonical bytes. */
type Opening = {
  readonly blob: Uint8Array;
  readonly context: Uint8Array;
  /** The key that the caller says it is. */
  readonly said?: FoundKey | undefined;
  /** What is asked for if it is not the operation's own action. */
  readonly ask?: Omit<KeyLookup, 'field'> | undefined;
};

/** What came out: the key and version behind the blob, and the plaintext, which the caller wipes. */
export type Opened = { readonly key: FoundKey; readonly versionId: string; readonly plaintext: Buffer };

/**
 * Decrypts a blob with the version that it names. Throws `InvalidCiphertextException` for whatever this vault did
 * not seal with this context, `IncorrectKeyException` for another key than the caller said, `DisabledException`.
 */
export function decryptBlob(
  core: Core,
  tx: ReadTx,
  record: OperationRecord,
  { said, ask, ...given }: Opening,
): Opened {
  requireBlobLength(given.blob);
  const blob = parseBlob(given.blob);
  if (blob === undefined) throw invalidCiphertext();
  if (said !== undefined && said.id !== blob.keyId) throw incorrectKey();
  const key = said ?? findKeyById(core, tx, record, blob.keyId, ask);
  if (key === undefined || key.row.spec !== ALGORITHM) throw invalidCiphertext();
  requireEnabled(key);
  const plaintext = withMaterial(core, tx, key, blob.versionId, (material) =>
    openBlob(material, blob, given.context),
  );
  if (plaintext === undefined) throw invalidCiphertext();
  return { key, versionId: blob.versionId, plaintext };
}

/** Throws `ValidationException` for what is too long for a ciphertext, or empty. */
export function requireBlobLength(blob: Uint8Array): void {
  requireLength('ciphertextBlob', blob, 1, MAX_BLOB);
}

/** Throws `ValidationException` for what is no algorithm. */
export function checkAlgorithm(field: string, given: string | undefined): void {
  if (given !== undefined) requireOneOf(field, given, ALGORITHMS);
}

/** Throws `InvalidKeyUsageException` unless the key has the algorithm, `SYMMETRIC_DEFAULT` if none is given. */
export function requireAlgorithm(algorithm: string | undefined = ALGORITHM, key: FoundKey): void {
  const { EncryptionAlgorithms = [] } = algorithmsOf(key.row.spec, key.row.usage);
  if (EncryptionAlgorithms.includes(algorithm)) return;
  throw awsError(
    'InvalidKeyUsageException',
    `Algorithm ${algorithm} is incompatible with key spec ${key.row.spec}.`,
  );
}
