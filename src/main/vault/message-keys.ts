import { isKeywardError } from '../../shared/errors.ts';
import type { Edk } from '../envelope/aws/header.ts';
import { unwrapRawAes, wrapRawAes } from '../envelope/aws/raw-aes.ts';
import type { SlotMaker, SlotOpener } from '../envelope/slot-provider.ts';
import type { KeyService } from '../kms/service.ts';
import type { Caller } from '../kms/types.ts';
import { localSlotOf } from './local-slot.ts';

/** What opens the slots of this vault's keys in AWS messages. */
export function messageKeyOpener(kms: KeyService, caller: Caller): SlotOpener<Edk> {
  return {
    async unwrap(edk, { context }) {
      const own = localSlotOf(edk);
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
