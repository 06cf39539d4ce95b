import { randomBytes } from 'node:crypto';
import { wrapFor } from '../../unit/kms/import-support.ts';
import {
  but,
  disabled,
  found,
  type InputOf,
  type Make,
  operation,
  paged,
  pendingDeletion,
} from './observing.ts';
import { there, type World } from './world.ts';

const HOUR = 3_600_000;
const HMAC = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' } as const;
const WRAPPING = 'RSAES_OAEP_SHA_256';
const KEPT = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' } as const;

const ofKey: Make<{ KeyId: string }> = async (world) => ({ KeyId: await world.key() });
const ofMac: Make<{ KeyId: string }> = async (world) => ({ KeyId: await world.key(HMAC) });
const ofEmpty: Make<{ KeyId: string }> = async (world) => ({
  KeyId: await world.key({ Origin: 'EXTERNAL' }),
});

const parameters: Make<InputOf<'GetParametersForImport'>> = async (world) => ({
  KeyId: await world.key({ Origin: 'EXTERNAL' }),
  WrappingAlgorithm: WRAPPING,
  WrappingKeySpec: 'RSA_2048',
});

async function wrapped(world: World, KeyId: string): Promise<InputOf<'ImportKeyMaterial'>> {
  const wrapping = { KeyId, WrappingAlgorithm: WRAPPING, WrappingKeySpec: 'RSA_2048' } as const;
  const { ImportToken, PublicKey } = await world.kms.getParametersForImport(wrapping);
  const EncryptedKeyMaterial = wrapFor(Buffer.from(there(PublicKey)), WRAPPING, randomBytes(32));
  return { KeyId, ImportToken: there(ImportToken), EncryptedKeyMaterial, ...KEPT };
}

const imported: Make<InputOf<'ImportKeyMaterial'>> = async (world) =>
  wrapped(world, await world.key({ Origin: 'EXTERNAL' }));

const deleted: Make<InputOf<'DeleteImportedKeyMaterial'>> = async (world) => {
  const input = await imported(world);
  await world.kms.importKeyMaterial(input);
  return { KeyId: input.KeyId };
};

/** Rotation, and key material from elsewhere. */
export const MATERIAL = [
  ...operation('EnableKeyRotation', ofKey, [], {
    ...found(ofKey),
    DisabledException: disabled(ofKey),
    KMSInvalidStateException: pendingDeletion(ofKey),
    UnsupportedOperationException: ofEmpty,
    ValidationException: async (world) => ({ KeyId: await world.key(), RotationPeriodInDays: 89 }),
  }),
  ...operation('DisableKeyRotation', ofKey, [], {
    ...found(ofKey),
    DisabledException: disabled(ofKey),
    KMSInvalidStateException: pendingDeletion(ofKey),
    UnsupportedOperationException: ofMac,
  }),
  ...operation(
    'GetKeyRotationStatus',
    async (world) => {
      const input = await ofKey(world);
      await world.kms.enableKeyRotation(input);
      return input;
    },
    ['KeyId', 'KeyRotationEnabled', 'NextRotationDate', 'RotationPeriodInDays'],
    { ...found(ofKey), UnsupportedOperationException: ofEmpty },
  ),
  ...operation('RotateKeyOnDemand', ofKey, ['KeyId'], {
    ...found(ofKey),
    DisabledException: disabled(ofKey),
    KMSInvalidStateException: pendingDeletion(ofKey),
    UnsupportedOperationException: ofMac,
    LimitExceededException: async (world) => {
      const input = await ofKey(world);
      for (let n = 0; n < 25; n++) await world.kms.rotateKeyOnDemand(input);
      return input;
    },
  }),
  ...operation('ListKeyRotations', ofKey, ['Rotations', 'Truncated'], {
    ...found<InputOf<'ListKeyRotations'>>(ofKey),
    ...paged<InputOf<'ListKeyRotations'>>(ofKey),
    UnsupportedOperationException: ofMac,
  }),
  ...operation(
    'GetParametersForImport',
    parameters,
    ['ImportToken', 'KeyId', 'ParametersValidTo', 'PublicKey'],
    {
      ...found(parameters),
      KMSInvalidStateException: pendingDeletion(parameters),
      UnsupportedOperationException: async (world) => ({
        ...(await parameters(world)),
        KeyId: await world.key(),
      }),
    },
  ),
  ...operation('ImportKeyMaterial', imported, ['KeyId', 'KeyMaterialId'], {
    ...found(imported),
    ExpiredImportTokenException: async (world) => {
      const input = await imported(world);
      world.advance(25 * HOUR);
      return input;
    },
    IncorrectKeyMaterialException: async (world) => wrapped(world, there((await deleted(world)).KeyId)),
    InvalidCiphertextException: but(imported, { EncryptedKeyMaterial: Buffer.from('foreign') }),
    InvalidImportTokenException: but(imported, { ImportToken: Buffer.from('foreign') }),
    KMSInvalidStateException: pendingDeletion(imported),
    UnsupportedOperationException: async (world) => ({
      ...(await imported(world)),
      KeyId: await world.key(),
      ExpirationModel: 'KEY_MATERIAL_EXPIRES',
      ValidTo: new Date(world.served.clock.now() + HOUR),
    }),
  }),
  ...operation('DeleteImportedKeyMaterial', deleted, ['KeyId', 'KeyMaterialId'], {
    ...found(deleted),
    UnsupportedOperationException: ofKey,
  }),
];
