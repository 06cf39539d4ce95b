import { type KeyUsage, kindOf } from '../../../shared/key-specs.ts';
import { ecdh } from '../../crypto/curves.ts';
import { decapsulate, encapsulate } from '../../crypto/post-quantum.ts';
import type { ReadTx } from '../../store/database.ts';
import { type Core, findKey, withCurrent } from '../core.ts';
import { invalid, invalidCiphertext } from '../errors.ts';
import { type FoundKey, requireEnabled, requireUsage } from '../found-key.ts';
import type { KeyRow } from '../keys/row-schemas.ts';
import type { OperationRecord } from '../operation.ts';
import { dataOperation, named } from '../request.ts';
import type { Caller, DryRunInput, KeyIdInput } from '../types.ts';
import { requireLength, requireOneOf } from '../validate.ts';
import { endDryRun, endDryRunAfter } from './dry-run.ts';

/** Input of `DeriveSharedSecret`; `PublicKey` is the peer's, in SubjectPublicKeyInfo. */
type DeriveSharedSecretInput = KeyIdInput &
  DryRunInput & { readonly KeyAgreementAlgorithm: string; readonly PublicKey: Uint8Array };
/** `KeyId` is the key's ARN. Whoever takes `SharedSecret` wipes it. */
type DeriveSharedSecretOutput = {
  readonly KeyId: string;
  readonly SharedSecret: Buffer;
  readonly KeyAgreementAlgorithm: string;
  readonly KeyOrigin: KeyRow['origin'];
};
/** Input of `Encapsulate`. */
type EncapsulateInput = KeyIdInput & DryRunInput & { readonly EncapsulationAlgorithm: string };
/** `KeyId` is the key's ARN. Whoever takes `SharedSecret`, 32 bytes, wipes it. */
type EncapsulateOutput = {
  readonly KeyId: string;
  readonly SharedSecret: Buffer;
  readonly SharedSecretCiphertextBlob: Buffer;
  readonly EncapsulationAlgorithm: string;
};
/** Input of `Decapsulate`. */
type DecapsulateInput = EncapsulateInput & { readonly SharedSecretCiphertextBlob: Uint8Array };
/** As `EncapsulateOutput`, without the ciphertext. */
type DecapsulateOutput = Omit<EncapsulateOutput, 'SharedSecretCiphertextBlob'>;

/** `DeriveSharedSecret`: the raw x coordinate (SP 800-56A section 5.7.1.2). */
export async function deriveSharedSecret(
  core: Core,
  caller: Caller,
  input: DeriveSharedSecretInput,
): Promise<DeriveSharedSecretOutput> {
  const keyAgreementAlgorithm = input.KeyAgreementAlgorithm.slice(0, 256);
  const operation = dataOperation(
    caller,
    'DeriveSharedSecret',
    { keyId: named(input.KeyId), keyAgreementAlgorithm },
    { conditions: { 'kms:KeyAgreementAlgorithm': keyAgreementAlgorithm } },
  );
  return core.journal.perform(operation, 'refuse', (tx, record) => {
    requireOneOf('keyAgreementAlgorithm', input.KeyAgreementAlgorithm, ['ECDH']);
    requireLength('publicKey', input.PublicKey, 1, 8_192);
    const key = usable(core, tx, record, input, 'KEY_AGREEMENT', 'DeriveSharedSecret');
    const kind = kindOf(key.row.spec);
    if (kind.kind !== 'ecc') throw new RangeError('no curve');
    const SharedSecret = withCurrent(core, tx, key, (material) =>
      ecdh(kind.curve, material, input.PublicKey),
    );
    if (SharedSecret === undefined) {
      throw invalid(`The public key is not one on the curve of key spec ${key.row.spec}.`);
    }
    endDryRunAfter(input, SharedSecret);
    return { KeyId: key.arn, SharedSecret, KeyAgreementAlgorithm: 'ECDH', KeyOrigin: key.row.origin };
  });
}

/** `Encapsulate`: a fresh shared secret, in clear and for whoever may `Decapsulate` (FIPS 203). */
export async function encapsulateSecret(
  core: Core,
  caller: Caller,
  input: EncapsulateInput,
): Promise<EncapsulateOutput> {
  return core.journal.perform(kemOperation(caller, 'Encapsulate', input), 'refuse', (tx, record) => {
    const { key, set } = kemKey(core, tx, record, input, 'Encapsulate');
    endDryRun(input);
    const { ciphertext, secret } = withCurrent(core, tx, key, (material) => encapsulate(set, material));
    return {
      KeyId: key.arn,
      SharedSecret: secret,
      SharedSecretCiphertextBlob: ciphertext,
      EncapsulationAlgorithm: input.EncapsulationAlgorithm,
    };
  });
}

/** `Decapsulate`. Another ciphertext gives another secret, one of a wrong length `InvalidCiphertextException`. */
export async function decapsulateSecret(
  core: Core,
  caller: Caller,
  input: DecapsulateInput,
): Promise<DecapsulateOutput> {
  return core.journal.perform(kemOperation(caller, 'Decapsulate', input), 'refuse', (tx, record) => {
    const { key, set } = kemKey(core, tx, record, input, 'Decapsulate');
    const { SharedSecretCiphertextBlob } = input;
    const SharedSecret = withCurrent(core, tx, key, (material) =>
      decapsulate(set, material, SharedSecretCiphertextBlob),
    );
    if (SharedSecret === undefined) throw invalidCiphertext();
    endDryRunAfter(input, SharedSecret);
    return { KeyId: key.arn, SharedSecret, EncapsulationAlgorithm: input.EncapsulationAlgorithm };
  });
}

function kemOperation(caller: Caller, eventName: string, input: EncapsulateInput) {
  return dataOperation(caller, eventName, {
    keyId: named(input.KeyId),
    encapsulationAlgorithm: input.EncapsulationAlgorithm.slice(0, 256),
  });
}

function kemKey(core: Core, tx: ReadTx, record: OperationRecord, input: EncapsulateInput, operation: string) {
  requireOneOf('encapsulationAlgorithm', input.EncapsulationAlgorithm, ['ML_KEM']);
  const key = usable(core, tx, record, input, 'ENCAPSULATE_DECAPSULATE', operation);
  const kind = kindOf(key.row.spec);
  if (kind.kind !== 'ml-kem') throw new RangeError('no KEM');
  return { key, set: kind.set };
}

function usable(
  core: Core,
  tx: ReadTx,
  record: OperationRecord,
  input: KeyIdInput,
  usage: KeyUsage,
  operation: string,
): FoundKey {
  const key = findKey(core, tx, record, input.KeyId);
  requireEnabled(key);
  requireUsage(key, usage, operation);
  return key;
}
