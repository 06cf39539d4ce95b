import { withMessageId } from '../../shared/context.ts';
import { fail, isKeywardError } from '../../shared/errors.ts';
import type { LocalSlot, Slot } from '../envelope/slots.ts';
import { parseBlob } from '../kms/cipher/ciphertext-blob.ts';
import type { KeyService } from '../kms/service.ts';
import type { SlotKind } from './slot-kinds.ts';

/** Slots under this vault's own keys: each step is an operation of the key core, with its permission and entry. */
export function vaultKeys(kms: KeyService): SlotKind {
  return {
    describe: (slot) =>
      slot.kind === 'local' ? { kind: 'local', key: slot.keyId, version: slot.versionId } : undefined,
    keyOf: (slot) =>
      slot.kind === 'local' && kms.hasVersion(slot.keyId, slot.versionId) ? slot.keyId : undefined,
    opener: (caller) => ({
      async unwrap(slot, { context }) {
        if (slot.kind !== 'local') return undefined;
        const { keyId, versionId, wrapped } = slot;
        try {
          const input = { CiphertextBlob: wrapped, KeyId: keyId, EncryptionContext: context };
          return (await kms.Decrypt(caller, input)).Plaintext;
        } catch (error) {
          // To AWS's operation that is an invalid ciphertext; of a file it says that its key is not here.
          if (!isKeywardError(error, 'InvalidCiphertextException') || kms.hasVersion(keyId, versionId))
            throw error;
          throw fail(
            'no-version-here',
            { key: keyId, version: versionId },
            { key: keyId, version: versionId },
            error,
          );
        }
      },
    }),
    provider: (caller, key) => ({
      ...vaultKeys(kms).opener(caller),
      async generate({ context }) {
        const { CiphertextBlob, Plaintext } = await kms.GenerateDataKey(caller, {
          KeyId: key,
          KeySpec: 'AES_256',
          EncryptionContext: context,
        });
        return { dataKey: Plaintext, slot: localSlot(CiphertextBlob) };
      },
      async wrap(dataKey, { context }) {
        const input = { KeyId: key, Plaintext: dataKey, EncryptionContext: context };
        return localSlot((await kms.Encrypt(caller, input)).CiphertextBlob);
      },
    }),
    isCurrent(slot, key) {
      if (slot.kind !== 'local') return false;
      const { KeyId, CurrentKeyMaterialId } = kms.look(key ?? slot.keyId).metadata;
      return slot.keyId === KeyId && slot.versionId === CurrentKeyMaterialId;
    },
    async replace(caller, slot, { file, key, verify, seal }) {
      const { keyId, wrapped } = mine(slot);
      const { result, slot: made } = await kms.rewrapDataKey(caller, {
        messageId: file.messageId,
        context: file.context,
        source: { CiphertextBlob: wrapped },
        target: { KeyId: key ?? keyId },
        verify,
        seal: (dataKey, { CiphertextBlob }) => seal(dataKey, localSlot(CiphertextBlob)),
      });
      return { result, slot: localSlot(made.CiphertextBlob) };
    },
    exportDataKey: (caller, slot, { messageId, context }, refusal) =>
      kms.exportDataKey(caller, {
        CiphertextBlob: mine(slot).wrapped,
        EncryptionContext: withMessageId(context, messageId),
        refusal,
      }),
  };
}

/** The slot that a blob of the key core is: key and version stand in it (docs/format.md section 5.1). */
function localSlot(wrapped: Buffer): LocalSlot {
  const parsed = parseBlob(wrapped);
  if (parsed === undefined) throw fail('internal', { what: 'The key core gave a blob of another kind.' });
  return { kind: 'local', keyId: parsed.keyId, versionId: parsed.versionId, wrapped };
}

function mine(slot: Slot): LocalSlot {
  if (slot.kind === 'local') return slot;
  throw fail('internal', { what: 'A slot of another kind was given to the keys of the vault.' });
}
