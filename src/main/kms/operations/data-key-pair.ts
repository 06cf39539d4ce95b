import { KEY_SPECS, type KeySpec, kindOf } from '../../../shared/key-specs.ts';
import { randomBytes, wipe } from '../../crypto/bytes.ts';
import { ALGORITHM, encryptUnder } from '../cipher/symmetric.ts';
import { type Core, findKey, wouldAuthorize } from '../core.ts';
import { allowedMeanwhile, invalid, unsupported } from '../errors.ts';
import { requireEnabled, requireSymmetric } from '../found-key.ts';
import { newMaterial, privateKeyOf, publicKeyOf } from '../keys/key-material.ts';
import { dataOperation, named, RequestContext } from '../request.ts';
import type {
  Caller,
  DryRunInput,
  GenerateDataKeyInput,
  GenerateDataKeyOutput,
  KeyIdInput,
} from '../types.ts';
import { notInSet, requireRange } from '../validate.ts';
import { generateDataKey } from './data-key.ts';
import { endDryRun } from './dry-run.ts';

const PAIR_SPECS = [
  'RSA_2048',
  'RSA_3072',
  'RSA_4096',
  'ECC_NIST_P256',
  'ECC_NIST_P384',
  'ECC_NIST_P521',
  'ECC_SECG_P256K1',
  'SM2',
  'ECC_NIST_EDWARDS25519',
];

/** Input of `GenerateDataKeyPair`. */
export type DataKeyPairInput = KeyIdInput &
  DryRunInput & {
    readonly KeyPairSpec: string;
    readonly EncryptionContext?: GenerateDataKeyInput['EncryptionContext'];
  };

/**
 * A key pair: public key in SubjectPublicKeyInfo, private key in PKCS #8, in clear and wrapped. `KeyId` is the
 * wrapping key's ARN. Whoever takes `PrivateKeyPlaintext` wipes it.
 */
export type DataKeyPairOutput = {
  readonly PrivateKeyCiphertextBlob: Buffer;
  readonly PrivateKeyPlaintext: Buffer;
  readonly PublicKey: Buffer;
  readonly KeyId: string;
  readonly KeyPairSpec: string;
  readonly KeyMaterialId: string;
};

/** `GenerateDataKeyPair` and, under its own name, `GenerateDataKeyPairWithoutPlaintext`. */
export async function generateDataKeyPair(
  core: Core,
  caller: Caller,
  input: DataKeyPairInput,
  eventName: 'GenerateDataKeyPair' | 'GenerateDataKeyPairWithoutPlaintext',
): Promise<DataKeyPairOutput> {
  const context = new RequestContext(input.EncryptionContext);
  const operation = dataOperation(
    caller,
    eventName,
    {
      keyId: named(input.KeyId),
      keyPairSpec: input.KeyPairSpec.slice(0, 256),
      encryptionContext: context.shown,
    },
    {
      encryptionContext: context.shown,
      conditions: {
        'kms:DataKeyPairSpec': input.KeyPairSpec.slice(0, 256),
        'kms:EncryptionAlgorithm': ALGORITHM,
      },
    },
  );
  const spec = pairSpecOf(input.KeyPairSpec);
  // An RSA key takes its time, so it is made before the transaction; not for a call that is only tried.
  const isMade = input.DryRun !== true && wouldAuthorize(core, operation, input.KeyId);
  const material = spec === undefined || !isMade ? undefined : await newMaterial(spec);
  try {
    return await core.journal.perform(operation, 'refuse', (tx, record) => {
      if (!PAIR_SPECS.includes(input.KeyPairSpec))
        throw notInSet('keyPairSpec', input.KeyPairSpec, PAIR_SPECS);
      if (spec === undefined) throw unsupported(`KeyPairSpec ${input.KeyPairSpec}`);
      const key = findKey(core, tx, record, input.KeyId);
      requireEnabled(key);
      requireSymmetric(key, eventName);
      context.bytes();
      endDryRun(input);
      if (material === undefined) throw allowedMeanwhile(eventName);
      const [secret, PublicKey] = pairOf(spec, material);
      const blob = encryptUnder(core, tx, record, key, context.bytes(), secret, eventName);
      return {
        PrivateKeyCiphertextBlob: blob,
        PrivateKeyPlaintext: secret,
        PublicKey,
        KeyId: key.arn,
        KeyPairSpec: spec,
        KeyMaterialId: key.row.current,
      };
    });
  } finally {
    if (material !== undefined) wipe(material);
  }
}

/** `GenerateDataKeyWithoutPlaintext`: only the wrapped key is given. */
export async function generateDataKeyWithoutPlaintext(
  core: Core,
  caller: Caller,
  input: GenerateDataKeyInput,
): Promise<Omit<GenerateDataKeyOutput, 'Plaintext'>> {
  const { Plaintext, ...rest } = await generateDataKey(
    core,
    caller,
    input,
    'GenerateDataKeyWithoutPlaintext',
  );
  wipe(Plaintext);
  return rest;
}

/** `GenerateRandom`; `NumberOfBytes` 1–1024. */
export async function generateRandom(
  core: Core,
  caller: Caller,
  input: { readonly NumberOfBytes?: number; readonly CustomKeyStoreId?: string },
): Promise<{ Plaintext: Buffer }> {
  const operation = dataOperation(caller, 'GenerateRandom', { numberOfBytes: input.NumberOfBytes });
  return core.journal.perform(operation, 'refuse', (tx, record) => {
    core.access.authorize(tx, record, {});
    if (input.CustomKeyStoreId !== undefined) throw unsupported('A custom key store');
    if (input.NumberOfBytes === undefined) throw invalid('NumberOfBytes is required.');
    requireRange('numberOfBytes', input.NumberOfBytes, 1, 1_024);
    return { Plaintext: randomBytes(input.NumberOfBytes) };
  });
}

function pairSpecOf(text: string): KeySpec | undefined {
  return KEY_SPECS.find((spec) => spec === text && PAIR_SPECS.includes(spec) && kindOf(spec).kind !== 'hmac');
}

function pairOf(spec: KeySpec, material: Buffer): [Buffer, Buffer] {
  const secret = privateKeyOf(spec, material);
  const publicKey = publicKeyOf(spec, material);
  if (secret === undefined || publicKey === undefined) throw new RangeError(`no pair of ${spec}`);
  return [secret, publicKey];
}
