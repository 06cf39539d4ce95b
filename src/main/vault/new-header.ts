import { type EncryptionContext, withMessageId } from '../../shared/context.ts';
import { wipe } from '../crypto/bytes.ts';
import { newHeader } from '../envelope/compose.ts';
import type { FileMetadata } from '../envelope/metadata.ts';
import type { OpenHeader } from '../envelope/open.ts';
import type { KeyService } from '../kms/service.ts';
import type { Caller } from '../kms/types.ts';

/** A header under a new data key, and the slot facts that the catalog keeps. */
export type Sealed = { readonly open: OpenHeader; readonly keyId: string; readonly version: string };

/**
 * Makes a header under a new data key of `job.key`. Whoever gets it wipes `open.payloadKey`. Throws what
 * `GenerateDataKey` throws.
 */
export async function sealHeader(
  kms: KeyService,
  job: {
    readonly key: string;
    readonly context: EncryptionContext;
    readonly contentKind?: 'file' | 'package';
  },
  caller: Caller,
  messageId: Buffer,
  metadata: FileMetadata,
): Promise<Sealed> {
  const { CiphertextBlob, Plaintext, KeyId, KeyMaterialId } = await kms.GenerateDataKey(caller, {
    KeyId: job.key,
    KeySpec: 'AES_256',
    EncryptionContext: withMessageId(job.context, messageId),
  });
  try {
    const keyId = KeyId.slice(KeyId.lastIndexOf('/') + 1);
    const slot = { kind: 'local', keyId, versionId: KeyMaterialId, wrapped: CiphertextBlob } as const;
    const open = newHeader({
      messageId,
      dataKey: Plaintext,
      context: job.context,
      slots: [slot],
      metadata,
      contentKind: job.contentKind ?? 'file',
    });
    return { open, keyId, version: KeyMaterialId };
  } finally {
    wipe(Plaintext);
  }
}
