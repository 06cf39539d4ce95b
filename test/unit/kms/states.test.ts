import { describe, expect, it } from 'vitest';
import type { KeyService } from '../../../src/main/kms/service.ts';
import type { CreateKeyInput } from '../../../src/main/kms/types.ts';
import { newVault, OWNER, refusal } from './support.ts';

const DISABLED = ['DisabledException', '<arn> is disabled.'] as const;
const PENDING = ['KMSInvalidStateException', '<arn> is pending deletion.'] as const;
const NOT_PENDING = ['KMSInvalidStateException', '<arn> is not pending deletion.'] as const;
const OK = ['OK', ''] as const;

type Answer = readonly [code: string, message: string];
type Asked = {
  readonly name: string;
  readonly key?: CreateKeyInput;
  /** Gives the call to make; what it needs is made while the key is enabled. */
  readonly prepare: (
    kms: KeyService,
    KeyId: string,
  ) => Promise<() => Promise<unknown>> | (() => Promise<unknown>);
  readonly answers: readonly [enabled: Answer, disabled: Answer, pending: Answer];
};

const HMAC = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' };
const SIGNING = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' };
const AGREEING = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' };
const KEM = { KeySpec: 'ML_KEM_768', KeyUsage: 'ENCAPSULATE_DECAPSULATE' };
const USE = [OK, DISABLED, PENDING] as const;
const LOOK = [OK, OK, OK] as const;
const CHANGE = [OK, OK, PENDING] as const;
const message = Buffer.from('m');
const sha256 = { SigningAlgorithm: 'ECDSA_SHA_256' };
const mac = { MacAlgorithm: 'HMAC_SHA_256' };

/** The key-state table of AWS's developer guide ("Key states of AWS KMS keys"), for what this vault has. */
const TABLE: readonly Asked[] = [
  {
    name: 'CancelKeyDeletion',
    prepare: (kms, KeyId) => () => kms.CancelKeyDeletion(OWNER, { KeyId }),
    answers: [NOT_PENDING, NOT_PENDING, OK],
  },
  {
    name: 'CreateAlias',
    prepare: (kms, TargetKeyId) => () => kms.CreateAlias(OWNER, { AliasName: 'alias/x', TargetKeyId }),
    answers: CHANGE,
  },
  {
    name: 'Decrypt',
    prepare: async (kms, KeyId) => {
      const { CiphertextBlob } = await kms.Encrypt(OWNER, { KeyId, Plaintext: message });
      return () => kms.Decrypt(OWNER, { CiphertextBlob });
    },
    answers: USE,
  },
  {
    name: 'DeleteAlias',
    prepare: async (kms, TargetKeyId) => {
      await kms.CreateAlias(OWNER, { AliasName: 'alias/x', TargetKeyId });
      return () => kms.DeleteAlias(OWNER, { AliasName: 'alias/x' });
    },
    answers: LOOK,
  },
  { name: 'DescribeKey', prepare: (kms, KeyId) => () => kms.DescribeKey(OWNER, { KeyId }), answers: LOOK },
  { name: 'DisableKey', prepare: (kms, KeyId) => () => kms.DisableKey(OWNER, { KeyId }), answers: CHANGE },
  {
    name: 'DisableKeyRotation',
    prepare: (kms, KeyId) => () => kms.DisableKeyRotation(OWNER, { KeyId }),
    answers: USE,
  },
  { name: 'EnableKey', prepare: (kms, KeyId) => () => kms.EnableKey(OWNER, { KeyId }), answers: CHANGE },
  {
    name: 'EnableKeyRotation',
    prepare: (kms, KeyId) => () => kms.EnableKeyRotation(OWNER, { KeyId }),
    answers: USE,
  },
  {
    name: 'Encrypt',
    prepare: (kms, KeyId) => () => kms.Encrypt(OWNER, { KeyId, Plaintext: message }),
    answers: USE,
  },
  {
    name: 'GenerateDataKey',
    prepare: (kms, KeyId) => () => kms.GenerateDataKey(OWNER, { KeyId, NumberOfBytes: 32 }),
    answers: USE,
  },
  {
    name: 'GenerateDataKeyPair',
    prepare: (kms, KeyId) => () => kms.GenerateDataKeyPair(OWNER, { KeyId, KeyPairSpec: 'ECC_NIST_P256' }),
    answers: USE,
  },
  {
    name: 'GenerateDataKeyPairWithoutPlaintext',
    prepare: (kms, KeyId) => () =>
      kms.GenerateDataKeyPairWithoutPlaintext(OWNER, { KeyId, KeyPairSpec: 'ECC_NIST_P256' }),
    answers: USE,
  },
  {
    name: 'GenerateDataKeyWithoutPlaintext',
    prepare: (kms, KeyId) => () => kms.GenerateDataKeyWithoutPlaintext(OWNER, { KeyId, KeySpec: 'AES_256' }),
    answers: USE,
  },
  {
    name: 'GenerateMac',
    key: HMAC,
    prepare: (kms, KeyId) => () => kms.GenerateMac(OWNER, { KeyId, Message: message, ...mac }),
    answers: USE,
  },
  {
    name: 'GetKeyRotationStatus',
    prepare: (kms, KeyId) => () => kms.GetKeyRotationStatus(OWNER, { KeyId }),
    answers: LOOK,
  },
  {
    name: 'GetPublicKey',
    key: SIGNING,
    prepare: (kms, KeyId) => () => kms.GetPublicKey(OWNER, { KeyId }),
    answers: USE,
  },
  { name: 'ListAliases', prepare: (kms, KeyId) => () => kms.ListAliases(OWNER, { KeyId }), answers: LOOK },
  {
    name: 'ListKeyRotations',
    prepare: (kms, KeyId) => () => kms.ListKeyRotations(OWNER, { KeyId }),
    answers: LOOK,
  },
  {
    name: 'ListResourceTags',
    prepare: (kms, KeyId) => () => kms.ListResourceTags(OWNER, { KeyId }),
    answers: LOOK,
  },
  {
    name: 'ReEncrypt',
    prepare: async (kms, KeyId) => {
      const { CiphertextBlob } = await kms.Encrypt(OWNER, { KeyId, Plaintext: message });
      return () => kms.ReEncrypt(OWNER, { CiphertextBlob, DestinationKeyId: KeyId });
    },
    answers: USE,
  },
  {
    name: 'RotateKeyOnDemand',
    prepare: (kms, KeyId) => () => kms.RotateKeyOnDemand(OWNER, { KeyId }),
    answers: USE,
  },
  {
    name: 'ScheduleKeyDeletion',
    prepare: (kms, KeyId) => () => kms.ScheduleKeyDeletion(OWNER, { KeyId }),
    answers: CHANGE,
  },
  {
    name: 'Sign',
    key: SIGNING,
    prepare: (kms, KeyId) => () => kms.Sign(OWNER, { KeyId, Message: message, ...sha256 }),
    answers: USE,
  },
  {
    name: 'TagResource',
    prepare: (kms, KeyId) => () => kms.TagResource(OWNER, { KeyId, Tags: [{ TagKey: 'a', TagValue: 'b' }] }),
    answers: CHANGE,
  },
  {
    name: 'UntagResource',
    prepare: (kms, KeyId) => () => kms.UntagResource(OWNER, { KeyId, TagKeys: ['a'] }),
    answers: CHANGE,
  },
  {
    name: 'UpdateAlias, to the key',
    prepare: async (kms, TargetKeyId) => {
      const { KeyMetadata } = await kms.CreateKey(OWNER, {});
      await kms.CreateAlias(OWNER, { AliasName: 'alias/x', TargetKeyId: KeyMetadata.KeyId });
      return () => kms.UpdateAlias(OWNER, { AliasName: 'alias/x', TargetKeyId });
    },
    answers: CHANGE,
  },
  {
    name: 'UpdateAlias, from the key',
    prepare: async (kms, KeyId) => {
      const { KeyMetadata } = await kms.CreateKey(OWNER, {});
      await kms.CreateAlias(OWNER, { AliasName: 'alias/x', TargetKeyId: KeyId });
      return () => kms.UpdateAlias(OWNER, { AliasName: 'alias/x', TargetKeyId: KeyMetadata.KeyId });
    },
    answers: LOOK,
  },
  {
    name: 'UpdateKeyDescription',
    prepare: (kms, KeyId) => () => kms.UpdateKeyDescription(OWNER, { KeyId, Description: 'd' }),
    answers: CHANGE,
  },
  {
    name: 'Verify',
    key: SIGNING,
    prepare: async (kms, KeyId) => {
      const { Signature } = await kms.Sign(OWNER, { KeyId, Message: message, ...sha256 });
      return () => kms.Verify(OWNER, { KeyId, Message: message, Signature, ...sha256 });
    },
    answers: USE,
  },
  {
    name: 'VerifyMac',
    key: HMAC,
    prepare: async (kms, KeyId) => {
      const { Mac } = await kms.GenerateMac(OWNER, { KeyId, Message: message, ...mac });
      return () => kms.VerifyMac(OWNER, { KeyId, Message: message, Mac, ...mac });
    },
    answers: USE,
  },
  // Newer than the published table; they are cryptographic operations, as Sign is.
  {
    name: 'DeriveSharedSecret',
    key: AGREEING,
    prepare: async (kms, KeyId) => {
      const { PublicKey } = await kms.GetPublicKey(OWNER, { KeyId });
      return () => kms.DeriveSharedSecret(OWNER, { KeyId, KeyAgreementAlgorithm: 'ECDH', PublicKey });
    },
    answers: USE,
  },
  {
    name: 'Encapsulate',
    key: KEM,
    prepare: (kms, KeyId) => () => kms.Encapsulate(OWNER, { KeyId, EncapsulationAlgorithm: 'ML_KEM' }),
    answers: USE,
  },
  {
    name: 'Decapsulate',
    key: KEM,
    prepare: async (kms, KeyId) => {
      const how = { KeyId, EncapsulationAlgorithm: 'ML_KEM' };
      const { SharedSecretCiphertextBlob } = await kms.Encapsulate(OWNER, how);
      return () => kms.Decapsulate(OWNER, { ...how, SharedSecretCiphertextBlob });
    },
    answers: USE,
  },
];

const STATES = ['Enabled', 'Disabled', 'PendingDeletion'] as const;

describe.each(TABLE)('$name', ({ key = {}, prepare, answers }) => {
  it.each(STATES)('of a key that is %s', async (state) => {
    const { kms } = newVault();
    const { Arn, KeyId } = (await kms.CreateKey(OWNER, key)).KeyMetadata;
    const call = await prepare(kms, KeyId);
    if (state === 'Disabled') await kms.DisableKey(OWNER, { KeyId });
    if (state === 'PendingDeletion') await kms.ScheduleKeyDeletion(OWNER, { KeyId });
    const [code, message] = answers[STATES.indexOf(state)] ?? OK;
    if (code === 'OK') await expect(call()).resolves.toBeDefined();
    else expect(await refusal(call())).toEqual({ code, message: message.replace('<arn>', Arn) });
  });
});
