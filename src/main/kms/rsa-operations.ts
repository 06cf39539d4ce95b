import { oaepDecrypt, oaepEncrypt } from '../crypto/rsa-keys.ts';
import type { ReadTx } from '../store/database.ts';
import {
  type Core,
  type FoundKey,
  findKey,
  lookUpKey,
  requireEnabled,
  requireUsage,
  withCurrent,
} from './core.ts';
import { endDryRun, endDryRunAfter } from './dry-run.ts';
import { invalid, invalidCiphertext } from './failures.ts';
import type { Note } from './journal.ts';
import { ALGORITHM, requireAlgorithm } from './sealing.ts';
import { kindOf } from './specs.ts';
import type { DecryptInput, DecryptOutput, EncryptInput, EncryptOutput } from './types.ts';
import { requireLength } from './validate.ts';

/** `Encrypt` with an RSA key that was found and may be used. Contexts are for symmetric keys only. */
export function encryptRsa(
  core: Core,
  tx: ReadTx,
  key: FoundKey,
  algorithm: string,
  input: EncryptInput,
): EncryptOutput {
  refuseContext(input.EncryptionContext);
  const kind = kindOf(key.row.spec);
  const hash = algorithm.endsWith('_1') ? 'sha1' : 'sha256';
  const most = (kind.kind === 'rsa' ? kind.bits / 8 : 0) - 2 * (hash === 'sha1' ? 20 : 32) - 2;
  if (input.Plaintext.length > most) {
    throw invalid(
      `Algorithm ${algorithm} and key spec ${key.row.spec} cannot encrypt data larger than ${most} bytes.`,
    );
  }
  endDryRun(input);
  const CiphertextBlob = withCurrent(core, tx, key, (material) =>
    oaepEncrypt(material, hash, input.Plaintext),
  );
  return { CiphertextBlob, KeyId: key.arn, EncryptionAlgorithm: algorithm };
}

/** `Decrypt` with an RSA key, which must be named; `undefined` if the key or algorithm is of another kind. */
export function decryptRsa(
  core: Core,
  tx: ReadTx,
  note: Note,
  input: DecryptInput & { readonly CiphertextBlob: Uint8Array },
): DecryptOutput | undefined {
  const algorithm = input.EncryptionAlgorithm ?? ALGORITHM;
  if (input.KeyId === undefined) {
    if (algorithm.startsWith('RSAES')) throw invalid('KeyId is required to decrypt with an asymmetric key.');
    return undefined;
  }
  if (kindOf(lookUpKey(core, tx, input.KeyId).key.row.spec).kind !== 'rsa') return undefined;
  const key = findKey(core, tx, note, input.KeyId);
  requireLength('ciphertextBlob', input.CiphertextBlob, 1, 6_144);
  requireEnabled(key);
  requireUsage(key, 'ENCRYPT_DECRYPT', 'Decrypt');
  requireAlgorithm('encryptionAlgorithm', algorithm, key);
  refuseContext(input.EncryptionContext);
  const hash = algorithm.endsWith('_1') ? 'sha1' : 'sha256';
  const Plaintext = withCurrent(core, tx, key, (material) =>
    oaepDecrypt(material, hash, input.CiphertextBlob),
  );
  if (Plaintext === undefined) throw invalidCiphertext();
  endDryRunAfter(input, Plaintext);
  return { Plaintext, KeyId: key.arn, EncryptionAlgorithm: algorithm };
}

function refuseContext(context: object | undefined): void {
  if (context !== undefined && Object.keys(context).length > 0) {
    throw invalid('An encryption context is for symmetric encryption keys only.');
  }
}
