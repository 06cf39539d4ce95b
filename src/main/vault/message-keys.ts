import { isKeywardError } from '../../shared/errors.ts';
import type { Edk } from '../envelope/aws/header.ts';
import { rawAesName, unwrapRawAes, wrapRawAes } from '../envelope/aws/raw-aes.ts';
import type { SlotMaker, SlotOpener } from '../envelope/slot-provider.ts';
import type { KeyService } from '../kms/service.ts';
import type { Caller } from '../kms/types.ts';

/** Namespace and name of our own keys in AWS messages: see `rawAesName` of the key room. */
const NAMESPACE = 'keyward';
const OWN_NAME = /^([0-9a-f-]{36})\/([0-9a-f]{64})$/;

/** The key and version that a slot of ours names; `undefined` for a slot of anybody else's. */
export function ownSlotOf(edk: Edk): { readonly keyId: string; readonly versionId: string } | undefined {
  if (edk.providerId !== NAMESPACE) return undefined;
  const [, keyId, versionId] = OWN_NAME.exec(rawAesName(edk) ?? '') ?? [];
  return keyId === undefined || versionId === undefined ? undefined : { keyId, versionId };
}

/** What opens the slots of this vault's keys in AWS messages. */
export function messageKeyOpener(kms: KeyService, caller: Caller): SlotOpener<Edk> {
  return {
    async unwrap(edk, { context }) {
      const own = ownSlotOf(edk);
      if (own === undefined) return undefined;
      const { keyId: KeyId, versionId: KeyMaterialId } = own;
      try {
        return await kms.openMessageKey(caller, {
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
    },
  };
}

/** What makes the slot of an AWS message under a key of the vault; each use is counted by the key core. */
export function messageKeyMaker(kms: KeyService, caller: Caller, key: string): SlotMaker<Edk> {
  return {
    async generate({ context }) {
      const { Plaintext, wrapped } = kms.generateMessageKey(caller, {
        KeyId: key,
        EncryptionContext: context,
        wrap: (own, dataKey) => wrapRawAes(own, dataKey, context),
      });
      return { dataKey: Plaintext, slot: wrapped };
    },
  };
}
