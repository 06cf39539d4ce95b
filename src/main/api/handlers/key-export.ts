import type { Input, Output } from '../../../shared/contract.ts';
import type { PersonalCredential } from '../../../shared/credential.ts';
import { gcmEncrypt } from '../../crypto/aead.ts';
import { randomBytes, wipe } from '../../crypto/bytes.ts';
import { SCRYPT_DEFAULT, scryptKey } from '../../crypto/scrypt.ts';
import { RAW_AES_NAMESPACE, rawAesKeyName } from '../../kms/cipher/raw-aes-key.ts';
import type { KeyService } from '../../kms/service.ts';
import type { Caller, ExportOutput } from '../../kms/types.ts';
import { settledPassphrase } from '../../unlock/passphrase.ts';
import { refusalOf } from './reauthentication.ts';

const WRAPPED = Buffer.from('keyward/1/wrapped-export');

/**
 * Exports a version as the document that docs/format.md section 17 specifies, after `confirm` has recognised the
 * owner anew; a failure of that is logged and thrown.
 */
export async function exportKey(
  kms: KeyService,
  confirm: (credential: PersonalCredential) => Promise<void>,
  input: Input<'keys.exportMaterial'>,
  caller: Caller,
): Promise<Output<'keys.exportMaterial'>> {
  const { key, version, form } = input;
  const wrap = wrapOf(input);
  const refusal = await refusalOf(input.credential, confirm);
  const given = await kms.exportMaterial(caller, { KeyId: key, KeyMaterialId: version, form, refusal });
  try {
    return await answerOf(given, documentOf(form, given), wrap);
  } finally {
    wipe(given.exported, wrap);
  }
}

/** The passphrase that an export is to be wrapped by, refused before anything is marked as exported. */
export function wrapOf({ wrap }: { readonly wrap?: string | undefined }): Buffer | undefined {
  if (wrap === undefined) return undefined;
  const given = Buffer.from(wrap, 'base64');
  try {
    return settledPassphrase(given);
  } finally {
    wipe(given);
  }
}

export async function answerOf(
  { KeyId, KeyMaterialId }: ExportOutput,
  content: object,
  wrap: Buffer | undefined,
): Promise<Output<'keys.exportMaterial'>> {
  const plain = `${JSON.stringify(content, null, 2)}\n`;
  const document = wrap === undefined ? plain : await wrapped(Buffer.from(plain), wrap);
  return { keyId: KeyId, version: KeyMaterialId, document };
}

function documentOf(form: 'material' | 'aws', { KeyId, KeyMaterialId, exported }: ExportOutput): object {
  const bytes = exported.toString('base64');
  if (form === 'material') {
    const names = { keyId: KeyId, versionId: KeyMaterialId };
    return { format: 'keyward key material', formatVersion: 1, ...names, material: bytes };
  }
  const name = rawAesKeyName(KeyId, KeyMaterialId);
  return { keys: [{ type: 'raw-aes', namespace: RAW_AES_NAMESPACE, name, key: bytes }] };
}

/** The salt makes the key this document's own, so its IV may be fixed. */
async function wrapped(document: Buffer, passphrase: Buffer): Promise<string> {
  const salt = randomBytes(32);
  const key = await scryptKey(passphrase, salt, SCRYPT_DEFAULT);
  const sealed = gcmEncrypt(key, Buffer.alloc(12), WRAPPED, document);
  wipe(key, document);
  const kdf = { ...SCRYPT_DEFAULT, salt: salt.toString('base64') };
  const outer = { format: 'keyward wrapped export', ...kdf, sealed: sealed.toString('base64') };
  return `${JSON.stringify(outer, null, 2)}\n`;
}
