import { withMessageId } from '../../shared/context.ts';
import { KeywardError } from '../../shared/errors.ts';
import { wipe } from '../crypto/bytes.ts';
import { openFile } from '../disk/file.ts';
import { isAwsFile } from '../envelope/aws/header.ts';
import { readHeader } from '../envelope/copies.ts';
import { openHeader } from '../envelope/open.ts';
import type { Caller, ExportOutput } from '../kms/types.ts';
import { about, type JobServices } from './jobs.ts';
import { localSlotIn } from './local-slot.ts';

/** The data key of a file, and the id by which a reader knows that it is that file's, in hex. */
export type ExportedDataKey = ExportOutput & { readonly messageId: string };

/**
 * Exports the data key of one native file, verified against its header. `refusal`: why the owner was not
 * recognised anew. Whoever gets it wipes `exported`. Throws `UnsupportedSlot` and `WrongKey` for a file without a key of
 * this vault, `UnsupportedOperationException` for an AWS message, and what format and key core throw.
 */
export async function exportDataKey(
  services: JobServices,
  caller: Caller,
  path: string,
  refusal: KeywardError | undefined,
): Promise<ExportedDataKey> {
  const file = await openFile(path, 'read');
  try {
    if (await isAwsFile(file)) throw awsMessage(path);
    const { header } = await readHeader(file);
    const slot = localSlotIn(header, services.kms, path);
    const given = services.kms.exportDataKey(about(caller, path), {
      CiphertextBlob: slot.wrapped,
      EncryptionContext: withMessageId(header.context, header.messageId),
      refusal,
    });
    try {
      wipe(openHeader(header, given.exported, path).payloadKey);
    } catch (error) {
      wipe(given.exported);
      throw error;
    }
    return { ...given, messageId: header.messageId.toString('hex') };
  } finally {
    await file.release();
  }
}

function awsMessage(path: string): KeywardError {
  return new KeywardError(
    'UnsupportedOperationException',
    `${path} is an AWS Encryption SDK message. Its key can be had with: keyward keys export-material KEY --for aws`,
    { path },
  );
}
