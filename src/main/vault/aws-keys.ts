import type { EncryptionContext } from '../../shared/context.ts';
import { isKeywardError } from '../../shared/errors.ts';
import { wipe } from '../crypto/bytes.ts';
import { composeMessage, draftMessage, type NewMessage, type WrittenSuite } from '../envelope/aws/compose.ts';
import type { AwsHeader, Edk } from '../envelope/aws/header.ts';
import { type Keyring, keyringUnwraps } from '../envelope/aws/keyring.ts';
import type { OpenMessage } from '../envelope/aws/keys.ts';
import { rawAesName, unwrapRawAes, wrapRawAes } from '../envelope/aws/raw-aes.ts';
import { type Unwrap, unlockMessage } from '../envelope/aws/unlock.ts';
import type { Caller } from '../kms/types.ts';
import { about, type JobServices } from './jobs.ts';

/** Namespace and name of our own keys in AWS messages: see `rawAesName` of the key room. */
const NAMESPACE = 'keyward';
const OWN_NAME = /^([0-9a-f-]{36})\/([0-9a-f]{64})$/;

/** Opens an AWS message by the vault's keys, then by a keyring's. Throws as `unlockMessage` does. */
export function openAwsMessage(
  services: JobServices,
  caller: Caller,
  header: AwsHeader,
  name: string,
  keyring: Keyring | undefined,
): Promise<OpenMessage> {
  const others = keyring === undefined ? [] : keyringUnwraps(keyring);
  return unlockMessage(header, [ownUnwrap(services, about(caller, name)), ...others], keyring ?? {}, name);
}

/** Makes the header of a new AWS message under a key of the vault. Whoever gets it wipes `payloadKey`. */
export function newAwsMessage(
  services: JobServices,
  job: { readonly key: string; readonly context: EncryptionContext; readonly suite: WrittenSuite },
  caller: Caller,
): NewMessage & { readonly keyId: string } {
  const draft = draftMessage(job.context, job.suite);
  const { Plaintext, wrapped, KeyId } = services.kms.generateMessageKey(caller, {
    KeyId: job.key,
    EncryptionContext: draft.context,
    wrap: (key, dataKey) => wrapRawAes(key, dataKey, draft.context),
  });
  try {
    return { ...composeMessage(draft, Plaintext, [wrapped]), keyId: KeyId };
  } finally {
    wipe(Plaintext);
  }
}

/** The key and version that a slot of ours names; `undefined` for a slot of anybody else's. */
export function ownSlotOf(edk: Edk): { readonly keyId: string; readonly versionId: string } | undefined {
  if (edk.providerId !== NAMESPACE) return undefined;
  const [, keyId, versionId] = OWN_NAME.exec(rawAesName(edk) ?? '') ?? [];
  return keyId === undefined || versionId === undefined ? undefined : { keyId, versionId };
}

function ownUnwrap(services: JobServices, caller: Caller): Unwrap {
  return async (edk, context) => {
    const own = ownSlotOf(edk);
    if (own === undefined) return undefined;
    const { keyId: KeyId, versionId: KeyMaterialId } = own;
    try {
      return await services.kms.openMessageKey(caller, {
        KeyId,
        KeyMaterialId,
        EncryptionContext: context,
        unwrap: (key) => unwrapRawAes(key, edk, context),
      });
    } catch (error) {
      // A key of another vault: the keyring may have it.
      if (isKeywardError(error, 'NotFoundException')) return undefined;
      throw error;
    }
  };
}
