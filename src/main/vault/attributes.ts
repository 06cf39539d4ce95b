import { KeywardError } from '../../shared/errors.ts';
import type { OpenFile } from '../disk/file.ts';
import type { FileMetadata } from '../envelope/metadata.ts';

/**
 * Gives a file that will be `target` mode and time as they were; a disk that can't keep them is worth a note, not a
 * failure.
 */
export async function restoreAttributes(
  file: OpenFile,
  target: string,
  { mode, modified }: FileMetadata,
): Promise<string[]> {
  try {
    // Set-user-id and its kin are not given to a file that may come from a stranger.
    if (mode !== undefined) await file.setMode(mode & 0o777);
    if (modified !== undefined) await file.setModified(modified);
    return [];
  } catch (error) {
    if (!(error instanceof KeywardError)) throw error;
    return [`${target} is whole, but its permissions or time could not be restored.`];
  }
}
