import { KeywardError } from '../../shared/errors.ts';
import type { ReadTx } from '../store/database.ts';
import { openBlob, parseBlob, sealBlob } from './blob.ts';
import {
  type Core,
  type Finding,
  type FoundKey,
  findKey,
  findKeyById,
  requireEnabled,
  requireSymmetric,
  withCurrent,
  withMaterial,
} from './core.ts';
import { incorrectKey, invalidCiphertext } from './failures.ts';
import type { Note } from './journal.ts';
import { algorithmsOf } from './specs.ts';
import { requireLength, requireOneOf } from './validate.ts';

/** The algorithm of symmetric keys. */
export const ALGORITHM = 'SYMMETRIC_DEFAULT';

const ALGORITHMS = [ALGORITHM, 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256', 'SM2PKE'];
const MAX_BLOB = 6_144;

/** Encrypts under the current version of an enabled symmetric key, and notes the version for the log. */
export function encryptUnder(
  core: Core,
  tx: ReadTx,
  note: Note,
  key: FoundKey,
  context: Uint8Array,
  plaintext: Uint8Array,
  operation: string,
): Buffer {
  requireEnabled(key);
  requireSymmetric(key, operation);
  const version = { keyId: key.id, versionId: key.row.current };
  note.response = { keyMaterialId: version.versionId };
  return withCurrent(core, tx, key, (material) => sealBlob(material, version, context, plaintext));
}

/** What is to be decrypted; `context` in canonical bytes. */
export type Opening = {
  readonly blob: Uint8Array;
  readonly context: Uint8Array;
  /** The key that the caller says it is, and what the input is called. */
  readonly named?: string | undefined;
  readonly field?: string;
  readonly algorithm?: string | undefined;
  /** What is asked for if it is not the operation's own action. */
  readonly ask?: Omit<Finding, 'field'>;
};

/** What came out: the key and version behind the blob, and the plaintext, which the caller wipes. */
export type Opened = { readonly key: FoundKey; readonly versionId: string; readonly plaintext: Buffer };

/**
 * Decrypts a blob with the version that it names. Throws `InvalidCiphertextException` for whatever this vault did
 * not seal with this context, `IncorrectKeyException` for another key than the caller said, `DisabledException`.
 */
export function decryptBlob(core: Core, tx: ReadTx, note: Note, opening: Opening): Opened {
  requireLength('ciphertextBlob', opening.blob, 1, MAX_BLOB);
  const { named, field, ask } = opening;
  const said =
    named === undefined
      ? undefined
      : findKey(core, tx, note, named, { ...(field === undefined ? {} : { field }), ...ask });
  const blob = parseBlob(opening.blob);
  if (blob === undefined) throw invalidCiphertext();
  if (said !== undefined && said.id !== blob.keyId) throw incorrectKey();
  const key = said ?? findKeyById(core, tx, note, blob.keyId, ask);
  if (key === undefined) throw invalidCiphertext();
  requireAlgorithm('encryptionAlgorithm', opening.algorithm, key);
  requireEnabled(key);
  const plaintext = withMaterial(core, tx, key, blob.versionId, (material) =>
    openBlob(material, blob, opening.context),
  );
  if (plaintext === undefined) throw invalidCiphertext();
  return { key, versionId: blob.versionId, plaintext };
}

/** Throws unless the algorithm, `SYMMETRIC_DEFAULT` if none is given, is one that the key has. */
export function requireAlgorithm(field: string, given: string | undefined, key: FoundKey): void {
  const algorithm = given ?? ALGORITHM;
  if (given !== undefined) requireOneOf(field, given, ALGORITHMS);
  const { EncryptionAlgorithms = [] } = algorithmsOf(key.row.spec, key.row.usage);
  if (EncryptionAlgorithms.includes(algorithm)) return;
  throw new KeywardError(
    'InvalidKeyUsageException',
    `Algorithm ${algorithm} is incompatible with key spec ${key.row.spec}.`,
  );
}
