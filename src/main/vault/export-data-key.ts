import { fail, type KeywardError } from '../../shared/errors.ts';
import { wipe } from '../crypto/bytes.ts';
import { openFile } from '../disk/file.ts';
import { openHeader } from '../envelope/open.ts';
import type { Caller, ExportOutput } from '../kms/types.ts';
import { formatOf } from './formats.ts';
import { about, type JobServices } from './jobs.ts';
import { heldSlotIn } from './slot-kinds.ts';

/** The data key of a file, and the id by which a reader knows that it is that file's, in hex. */
type ExportedDataKey = ExportOutput & { readonly messageId: string };

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
    const { header } = await (await formatOf(file)).header(file, 'export');
    const { kind, slot } = heldSlotIn(header, services, path);
    if (kind.exportDataKey === undefined) throw notGivenOut(path);
    const of = { name: path, messageId: header.messageId, context: header.context };
    const given = kind.exportDataKey(about(caller, path), slot, of, refusal);
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

function notGivenOut(path: string): KeywardError {
  return fail('slot-gives-no-data-key', { path });
}
