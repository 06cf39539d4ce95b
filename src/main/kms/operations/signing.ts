import { awsError } from '../../../shared/errors.ts';
import {
  type Algorithms,
  algorithmsOf,
  type KeySpec,
  type KeyUsage,
  SIGNING_ALGORITHMS,
} from '../../../shared/key-specs.ts';
import type { ReadTx } from '../../store/database.ts';
import { checkToSign, isSignedWith, MESSAGE_TYPES, signWith, type ToSign } from '../cipher/signatures.ts';
import { type Core, findKey, withCurrent } from '../core.ts';
import { type FoundKey, requireEnabled, requireUsage } from '../found-key.ts';
import { publicKeyOf } from '../keys/key-material.ts';
import type { OperationRecord } from '../operation.ts';
import { dataOperation, named, onKey } from '../request.ts';
import type { Caller, DryRunInput, KeyIdInput } from '../types.ts';
import { requireLength, requireOneOf } from '../validate.ts';
import { endDryRun } from './dry-run.ts';

/** Input of `Sign`; `Message` 1–4096 bytes, `MessageType` RAW unless told. */
type SignInput = KeyIdInput &
  DryRunInput & {
    readonly Message: Uint8Array;
    readonly MessageType?: string;
    readonly SigningAlgorithm: string;
  };
/** Input of `Verify`; `Signature` 1–6144 bytes. */
type VerifyInput = SignInput & { readonly Signature: Uint8Array };
/** `KeyId` is the key's ARN. */
type SignOutput = {
  readonly KeyId: string;
  readonly Signature: Buffer;
  readonly SigningAlgorithm: string;
};
/** `SignatureValid` is always true: a signature that is not throws `KMSInvalidSignatureException`. */
type VerifyOutput = {
  readonly KeyId: string;
  readonly SignatureValid: true;
  readonly SigningAlgorithm: string;
};
/** A public key in SubjectPublicKeyInfo, with what it is for. */
type GetPublicKeyOutput = Algorithms & {
  readonly KeyId: string;
  readonly PublicKey: Buffer;
  readonly CustomerMasterKeySpec: KeySpec;
  readonly KeySpec: KeySpec;
  readonly KeyUsage: KeyUsage;
};

/** `Sign`. */
export async function sign(core: Core, caller: Caller, input: SignInput): Promise<SignOutput> {
  return core.journal.perform(operationOf(caller, 'Sign', input), 'refuse', (tx, record) => {
    const { key, what } = keyFor(core, tx, record, input, 'Sign');
    endDryRun(input);
    const Signature = withCurrent(core, tx, key, (material) => signWith(material, what));
    return { KeyId: key.arn, Signature, SigningAlgorithm: what.algorithm };
  });
}

/** `Verify`. Throws `KMSInvalidSignatureException` for any other signature. */
export async function verify(core: Core, caller: Caller, input: VerifyInput): Promise<VerifyOutput> {
  return core.journal.perform(operationOf(caller, 'Verify', input), 'refuse', (tx, record) => {
    requireLength('signature', input.Signature, 1, 6_144);
    const { key, what } = keyFor(core, tx, record, input, 'Verify');
    const holds = withCurrent(core, tx, key, (material) => isSignedWith(material, what, input.Signature));
    if (!holds) throw awsError('KMSInvalidSignatureException', '');
    endDryRun(input);
    return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: what.algorithm };
  });
}

/** `GetPublicKey`. Throws `UnsupportedOperationException` for keys that have none. */
export async function getPublicKey(
  core: Core,
  caller: Caller,
  input: KeyIdInput,
): Promise<GetPublicKeyOutput> {
  return core.journal.perform(onKey(caller, 'GetPublicKey', input, true), 'refuse', (tx, record) => {
    const key = findKey(core, tx, record, input.KeyId);
    requireEnabled(key);
    const { spec, usage } = key.row;
    const PublicKey = withCurrent(core, tx, key, (material) => publicKeyOf(spec, material));
    if (PublicKey === undefined) {
      throw awsError(
        'UnsupportedOperationException',
        `${key.arn} is not an asymmetric key, so it has no public key.`,
      );
    }
    const algorithms = algorithmsOf(spec, usage);
    return {
      KeyId: key.arn,
      PublicKey,
      CustomerMasterKeySpec: spec,
      KeySpec: spec,
      KeyUsage: usage,
      ...algorithms,
    };
  });
}

function operationOf(caller: Caller, eventName: string, input: SignInput) {
  const messageType = input.MessageType?.slice(0, 256) ?? 'RAW';
  const signingAlgorithm = input.SigningAlgorithm.slice(0, 256);
  return dataOperation(
    caller,
    eventName,
    { keyId: named(input.KeyId), messageType, signingAlgorithm },
    { conditions: { 'kms:MessageType': messageType, 'kms:SigningAlgorithm': signingAlgorithm } },
  );
}

function keyFor(
  core: Core,
  tx: ReadTx,
  record: OperationRecord,
  input: SignInput,
  operation: string,
): { readonly key: FoundKey; readonly what: ToSign } {
  const { Message, MessageType = 'RAW', SigningAlgorithm } = input;
  requireLength('message', Message, 1, 4_096);
  requireOneOf('messageType', MessageType, MESSAGE_TYPES);
  requireOneOf('signingAlgorithm', SigningAlgorithm, SIGNING_ALGORITHMS);
  const key = findKey(core, tx, record, input.KeyId);
  requireEnabled(key);
  requireUsage(key, 'SIGN_VERIFY', operation);
  const { SigningAlgorithms = [] } = algorithmsOf(key.row.spec, key.row.usage);
  if (!SigningAlgorithms.includes(SigningAlgorithm)) {
    throw awsError(
      'InvalidKeyUsageException',
      `Algorithm ${SigningAlgorithm} is incompatible with key spec ${key.row.spec}.`,
    );
  }
  const what = { spec: key.row.spec, algorithm: SigningAlgorithm, type: MessageType, message: Message };
  checkToSign(what);
  return { key, what };
}
