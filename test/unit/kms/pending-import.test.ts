import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { KeyService } from '../../../src/main/kms/service.ts';
import type { CreateKeyInput } from '../../../src/main/kms/types.ts';
import { importInto, newExternalKey, nodePair, parametersFor, wrapFor } from './import-support.ts';
import { newVault, OWNER, refusal } from './support.ts';

const OK = ['OK', ''] as const;
const PENDING_IMPORT = ['KMSInvalidStateException', '<arn> is pending import.'] as const;
const NOT_PENDING = ['KMSInvalidStateException', '<arn> is not pending deletion.'] as const;
const ORIGIN = [
  'UnsupportedOperationException',
  '<arn> origin is EXTERNAL which is not valid for this operation.',
] as const;

const SYMMETRIC = {};
const HMAC = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' };
const SIGNING = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' };
const AGREEING = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' };
const GRANT = {
  GranteePrincipal: 'arn:aws:iam::000000000000:user/somebody',
  Operations: ['Encrypt'],
};
const message = Buffer.from('m');
const mac = { Message: message, MacAlgorithm: 'HMAC_SHA_256' };
const signing = { Message: message, SigningAlgorithm: 'ECDSA_SHA_256' };

type Made = {
  readonly CiphertextBlob?: Buffer;
  readonly GrantId?: string;
  readonly AliasName: string;
  readonly other: string;
};
type Cell = readonly [
  name: string,
  key: CreateKeyInput,
  answer: readonly [code: string, message: string],
  call: (kms: KeyService, KeyId: string, made: Made) => Promise<unknown>,
];

/** The column PendingImport of AWS's table of key states; what it has no cell for is as for other uses of a key. */
const COLUMN: readonly Cell[] = [
  ['CancelKeyDeletion', SYMMETRIC, NOT_PENDING, (kms, KeyId) => kms.CancelKeyDeletion(OWNER, { KeyId })],
  [
    'CreateAlias',
    SYMMETRIC,
    OK,
    (kms, TargetKeyId) => kms.CreateAlias(OWNER, { AliasName: 'alias/new', TargetKeyId }),
  ],
  ['CreateGrant', SYMMETRIC, PENDING_IMPORT, (kms, KeyId) => kms.CreateGrant(OWNER, { KeyId, ...GRANT })],
  [
    'Decrypt',
    SYMMETRIC,
    PENDING_IMPORT,
    (kms, _id, { CiphertextBlob = message }) => kms.Decrypt(OWNER, { CiphertextBlob }),
  ],
  ['DeleteAlias', SYMMETRIC, OK, (kms, _id, { AliasName }) => kms.DeleteAlias(OWNER, { AliasName })],
  [
    'DeleteImportedKeyMaterial',
    SYMMETRIC,
    OK,
    (kms, KeyId) => kms.DeleteImportedKeyMaterial(OWNER, { KeyId }),
  ],
  ['DescribeKey', SYMMETRIC, OK, (kms, KeyId) => kms.DescribeKey(OWNER, { KeyId })],
  ['DisableKey', SYMMETRIC, PENDING_IMPORT, (kms, KeyId) => kms.DisableKey(OWNER, { KeyId })],
  ['DisableKeyRotation', SYMMETRIC, ORIGIN, (kms, KeyId) => kms.DisableKeyRotation(OWNER, { KeyId })],
  ['EnableKey', SYMMETRIC, PENDING_IMPORT, (kms, KeyId) => kms.EnableKey(OWNER, { KeyId })],
  ['EnableKeyRotation', SYMMETRIC, ORIGIN, (kms, KeyId) => kms.EnableKeyRotation(OWNER, { KeyId })],
  ['Encrypt', SYMMETRIC, PENDING_IMPORT, (kms, KeyId) => kms.Encrypt(OWNER, { KeyId, Plaintext: message })],
  [
    'GenerateDataKey',
    SYMMETRIC,
    PENDING_IMPORT,
    (kms, KeyId) => kms.GenerateDataKey(OWNER, { KeyId, NumberOfBytes: 32 }),
  ],
  [
    'GenerateDataKeyPair',
    SYMMETRIC,
    PENDING_IMPORT,
    (kms, KeyId) => kms.GenerateDataKeyPair(OWNER, { KeyId, KeyPairSpec: 'ECC_NIST_P256' }),
  ],
  [
    'GenerateDataKeyPairWithoutPlaintext',
    SYMMETRIC,
    PENDING_IMPORT,
    (kms, KeyId) => kms.GenerateDataKeyPairWithoutPlaintext(OWNER, { KeyId, KeyPairSpec: 'ECC_NIST_P256' }),
  ],
  [
    'GenerateDataKeyWithoutPlaintext',
    SYMMETRIC,
    PENDING_IMPORT,
    (kms, KeyId) => kms.GenerateDataKeyWithoutPlaintext(OWNER, { KeyId, NumberOfBytes: 32 }),
  ],
  ['GenerateMac', HMAC, PENDING_IMPORT, (kms, KeyId) => kms.GenerateMac(OWNER, { KeyId, ...mac })],
  ['GetKeyPolicy', SYMMETRIC, OK, (kms, KeyId) => kms.GetKeyPolicy(OWNER, { KeyId })],
  ['ListGrants', SYMMETRIC, OK, (kms, KeyId) => kms.ListGrants(OWNER, { KeyId })],
  ['ListKeyPolicies', SYMMETRIC, OK, (kms, KeyId) => kms.ListKeyPolicies(OWNER, { KeyId })],
  [
    'PutKeyPolicy',
    SYMMETRIC,
    OK,
    async (kms, KeyId) =>
      kms.PutKeyPolicy(OWNER, await kms.GetKeyPolicy(OWNER, { KeyId }).then(asPut(KeyId))),
  ],
  [
    'RetireGrant',
    SYMMETRIC,
    OK,
    async (kms, KeyId, { GrantId = '' }) => {
      const { KeyMetadata } = await kms.DescribeKey(OWNER, { KeyId });
      return kms.RetireGrant(OWNER, { KeyId: KeyMetadata.Arn, GrantId });
    },
  ],
  [
    'RevokeGrant',
    SYMMETRIC,
    OK,
    (kms, KeyId, { GrantId = '' }) => kms.RevokeGrant(OWNER, { KeyId, GrantId }),
  ],
  ['GetKeyLastUsage', SYMMETRIC, OK, (kms, KeyId) => kms.GetKeyLastUsage(OWNER, { KeyId })],
  ['GetKeyRotationStatus', SYMMETRIC, ORIGIN, (kms, KeyId) => kms.GetKeyRotationStatus(OWNER, { KeyId })],
  [
    'GetParametersForImport',
    SYMMETRIC,
    OK,
    (kms, KeyId) =>
      kms.GetParametersForImport(OWNER, {
        KeyId,
        WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
        WrappingKeySpec: 'RSA_2048',
      }),
  ],
  ['GetPublicKey', SIGNING, PENDING_IMPORT, (kms, KeyId) => kms.GetPublicKey(OWNER, { KeyId })],
  ['ListAliases', SYMMETRIC, OK, (kms, KeyId) => kms.ListAliases(OWNER, { KeyId })],
  ['ListKeyRotations', SYMMETRIC, OK, (kms, KeyId) => kms.ListKeyRotations(OWNER, { KeyId })],
  ['ListResourceTags', SYMMETRIC, OK, (kms, KeyId) => kms.ListResourceTags(OWNER, { KeyId })],
  [
    'ReEncrypt',
    SYMMETRIC,
    PENDING_IMPORT,
    (kms, _id, { CiphertextBlob = message, other }) =>
      kms.ReEncrypt(OWNER, { CiphertextBlob, DestinationKeyId: other }),
  ],
  ['RotateKeyOnDemand', SYMMETRIC, PENDING_IMPORT, (kms, KeyId) => kms.RotateKeyOnDemand(OWNER, { KeyId })],
  ['ScheduleKeyDeletion', SYMMETRIC, OK, (kms, KeyId) => kms.ScheduleKeyDeletion(OWNER, { KeyId })],
  ['Sign', SIGNING, PENDING_IMPORT, (kms, KeyId) => kms.Sign(OWNER, { KeyId, ...signing })],
  [
    'TagResource',
    SYMMETRIC,
    OK,
    (kms, KeyId) => kms.TagResource(OWNER, { KeyId, Tags: [{ TagKey: 'a', TagValue: 'b' }] }),
  ],
  ['UntagResource', SYMMETRIC, OK, (kms, KeyId) => kms.UntagResource(OWNER, { KeyId, TagKeys: ['a'] })],
  [
    'UpdateAlias, to the key',
    SYMMETRIC,
    OK,
    async (kms, TargetKeyId, { other }) => {
      await kms.CreateAlias(OWNER, { AliasName: 'alias/moving', TargetKeyId: other });
      return kms.UpdateAlias(OWNER, { AliasName: 'alias/moving', TargetKeyId });
    },
  ],
  [
    'UpdateKeyDescription',
    SYMMETRIC,
    OK,
    (kms, KeyId) => kms.UpdateKeyDescription(OWNER, { KeyId, Description: 'd' }),
  ],
  [
    'Verify',
    SIGNING,
    PENDING_IMPORT,
    (kms, KeyId) => kms.Verify(OWNER, { KeyId, ...signing, Signature: message }),
  ],
  [
    'VerifyMac',
    HMAC,
    PENDING_IMPORT,
    (kms, KeyId) => kms.VerifyMac(OWNER, { KeyId, ...mac, Mac: Buffer.alloc(32) }),
  ],
  [
    'DeriveSharedSecret',
    AGREEING,
    PENDING_IMPORT,
    (kms, KeyId) =>
      kms.DeriveSharedSecret(OWNER, {
        KeyId,
        KeyAgreementAlgorithm: 'ECDH',
        PublicKey: nodePair('ec', 'prime256v1').publicKey,
      }),
  ],
  [
    'ImportKeyMaterial',
    SYMMETRIC,
    OK,
    async (kms, KeyId) => {
      const algorithm = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' };
      const { ImportToken, PublicKey } = await kms.GetParametersForImport(OWNER, { KeyId, ...algorithm });
      const EncryptedKeyMaterial = wrapFor(PublicKey, 'RSAES_OAEP_SHA_256', MATERIAL);
      const ExpirationModel = 'KEY_MATERIAL_DOES_NOT_EXPIRE';
      return kms.ImportKeyMaterial(OWNER, { KeyId, ImportToken, EncryptedKeyMaterial, ExpirationModel });
    },
  ],
];

const MATERIAL = randomBytes(32);
/** What needs something that only a key with material can give. */
const AFTER_USE = ['Decrypt', 'ReEncrypt', 'RetireGrant', 'RevokeGrant'];

function asPut(KeyId: string) {
  return ({ Policy }: { readonly Policy: string }) => ({ KeyId, Policy });
}

describe.each([
  ['whose material was never imported', false],
  ['whose material was deleted', true],
])('a key %s', (_name, wasThere) => {
  it.each(COLUMN.filter(([name]) => wasThere || !AFTER_USE.includes(name)))(
    'that is PendingImport: %s',
    async (_operation, input, [code, text], call) => {
      const vault = newVault();
      const { id, arn } = await newExternalKey(vault, input);
      const other = (await vault.kms.CreateKey(OWNER, {})).KeyMetadata.KeyId;
      const AliasName = 'alias/old';
      await vault.kms.CreateAlias(OWNER, { AliasName, TargetKeyId: id });
      let made: Made = { AliasName, other };
      if (wasThere) {
        const isCurve = input.KeySpec === 'ECC_NIST_P256';
        await importInto(vault, id, isCurve ? nodePair('ec', 'prime256v1').secret : MATERIAL);
        if (input === SYMMETRIC) {
          const sealed = await vault.kms.Encrypt(OWNER, { KeyId: id, Plaintext: message });
          made = { ...made, ...sealed, ...(await vault.kms.CreateGrant(OWNER, { KeyId: id, ...GRANT })) };
        }
        await vault.kms.DeleteImportedKeyMaterial(OWNER, { KeyId: id });
      }
      if (code === 'OK') await expect(call(vault.kms, id, made)).resolves.toBeDefined();
      else {
        expect(await refusal(call(vault.kms, id, made))).toEqual({
          code,
          message: text.replace('<arn>', arn),
        });
      }
    },
  );
});

describe('a key of origin EXTERNAL', () => {
  it.each([
    ['Disabled', 'OK'],
    ['PendingDeletion', 'KMSInvalidStateException'],
  ])('that is %s gives parameters for an import: %s', async (state, code) => {
    const vault = newVault();
    const { id } = await newExternalKey(vault);
    await importInto(vault, id, MATERIAL);
    if (state === 'Disabled') await vault.kms.DisableKey(OWNER, { KeyId: id });
    else await vault.kms.ScheduleKeyDeletion(OWNER, { KeyId: id });
    expect((await refusal(parametersFor(vault, id))).code).toBe(code === 'OK' ? 'none' : code);
    expect((await refusal(vault.kms.DeleteImportedKeyMaterial(OWNER, { KeyId: id }))).code).toBe('none');
  });
});
