import { MESSAGE_ID_KEY, withMessageId } from '../../../shared/context.ts';
import { fail } from '../../../shared/errors.ts';
import { wipe } from '../../crypto/bytes.ts';
import { parseBlob } from '../cipher/ciphertext-blob.ts';
import { ALGORITHM, decryptBlob, encryptUnder } from '../cipher/symmetric.ts';
import { type Core, findKey } from '../core.ts';
import { dataOperation, named, RequestContext } from '../request.ts';
import type { Caller, RewrapInput, RewrapOutput } from '../types.ts';
import { isSameKey } from './cipher.ts';

/**
 * Moves a file's data key to another key or version (docs/format.md 7): `Decrypt` on the source and `Encrypt` on
 * the target in one operation with one entry naming both. Throws `WrongKey` if `verify` gives false.
 */
export async function rewrapDataKey<T>(
  core: Core,
  caller: Caller,
  input: RewrapInput<T>,
): Promise<RewrapOutput<T>> {
  const pairs = withMessageId(input.context, input.messageId);
  const context = new RequestContext(pairs);
  const operation = dataOperation(caller, 'RewrapDataKey', {
    messageId: pairs[MESSAGE_ID_KEY],
    destinationKeyId: named(input.target.KeyId),
    encryptionContext: context.shown,
  });
  return core.journal.perform({ ...operation, eventType: 'KeywardEvent' }, 'refuse', (tx, record) => {
    const sourceId = parseBlob(input.source.CiphertextBlob)?.keyId;
    const access = {
      encryptionContext: context.shown,
      conditions: {
        'kms:EncryptionAlgorithm': ALGORITHM,
        'kms:ReEncryptOnSameKey': isSameKey(core, tx, sourceId, input.target.KeyId),
      },
    };
    const source = {
      blob: input.source.CiphertextBlob,
      context: context.bytes(),
      ask: { ...access, action: 'kms:ReEncryptFrom' },
    };
    const { versionId, plaintext } = decryptBlob(core, tx, record, source);
    try {
      if (!input.verify(plaintext)) {
        throw fail('data-key-does-not-fit');
      }
      const key = findKey(core, tx, record, input.target.KeyId, { ...access, action: 'kms:ReEncryptTo' });
      const CiphertextBlob = encryptUnder(core, tx, record, key, context.bytes(), plaintext, 'RewrapDataKey');
      record.response = { sourceKeyMaterialId: versionId, destinationKeyMaterialId: key.row.current };
      const slot = { CiphertextBlob, KeyId: key.id, KeyMaterialId: key.row.current };
      return { result: input.seal(plaintext, slot), slot };
    } finally {
      wipe(plaintext);
    }
  });
}
