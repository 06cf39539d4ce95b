import {
  constants,
  createCipheriv,
  createPublicKey,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import type { ImportKeyMaterialInput } from '../../../src/main/kms/operations/import.ts';
import type { CreateKeyInput } from '../../../src/main/kms/types.ts';
import { OWNER, type TestVault } from './support.ts';

/** A day in ms. */
export const DAY = 86_400_000;

/** A key without material. */
export async function newExternalKey({ kms }: TestVault, input: CreateKeyInput = {}) {
  const { KeyMetadata } = await kms.CreateKey(OWNER, { Origin: 'EXTERNAL', ...input });
  return { id: KeyMetadata.KeyId, arn: KeyMetadata.Arn };
}

/** Wraps material as the client of AWS KMS does, by Node's own cryptography (OpenSSL's key wrap with padding). */
export function wrapFor(publicKey: Buffer, algorithm: string, material: Uint8Array): Buffer {
  const key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' });
  const oaepHash = algorithm.endsWith('_1') ? 'sha1' : 'sha256';
  const rsa = (bytes: Uint8Array) =>
    publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, bytes);
  if (!algorithm.startsWith('RSA_AES')) return rsa(material);
  const aes = randomBytes(32);
  const wrap = createCipheriv('id-aes256-wrap-pad', aes, Buffer.from('a65959a6', 'hex'));
  return Buffer.concat([rsa(aes), wrap.update(material), wrap.final()]);
}

/** Import parameters, by default with RSA-OAEP under a short key. */
export async function parametersFor(
  { kms }: TestVault,
  KeyId: string,
  WrappingAlgorithm = 'RSAES_OAEP_SHA_256',
  WrappingKeySpec = 'RSA_2048',
) {
  return kms.GetParametersForImport(OWNER, { KeyId, WrappingAlgorithm, WrappingKeySpec });
}

/** Imports material that does not expire, unless told otherwise. */
export async function importInto(
  vault: TestVault,
  KeyId: string,
  material: Uint8Array,
  input: Partial<ImportKeyMaterialInput> & { algorithm?: string; wrappingKeySpec?: string } = {},
) {
  const { algorithm = 'RSAES_OAEP_SHA_256', wrappingKeySpec, ...rest } = input;
  const { ImportToken, PublicKey } = await parametersFor(vault, KeyId, algorithm, wrappingKeySpec);
  return vault.kms.ImportKeyMaterial(OWNER, {
    KeyId,
    ImportToken,
    EncryptedKeyMaterial: wrapFor(PublicKey, algorithm, material),
    ...(rest.ValidTo === undefined ? { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' } : {}),
    ...rest,
  });
}

/** A private key of Node's making in PKCS #8, with its public key in SubjectPublicKeyInfo. */
export function nodePair(type: 'ec' | 'rsa' | 'ed25519', option?: string | number) {
  const pair =
    type === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: String(option) })
      : type === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: Number(option) })
        : generateKeyPairSync('ed25519');
  return {
    secret: pair.privateKey.export({ format: 'der', type: 'pkcs8' }),
    publicKey: pair.publicKey.export({ format: 'der', type: 'spki' }),
  };
}
