import { KeywardError } from '../../shared/errors.ts';
import type { OpenFile } from '../disk/file.ts';
import type { FileMetadata } from '../envelope/metadata.ts';

/**
 * Gives a file that will be `target` its time of modification; a disk that can't keep it is worth a note, not a failure.
 */
export function restoreTime(file: OpenFile, target: string, { modified }: FileMetadata): Promise<string[]> {
  return noting(`${target} is whole, but its time could not be restored.`, async () => {
    if (modified !== undefined) await file.setModified(modified);
  });
}

/** Gives a file its permissions as they were, when it stands at `target`: until then it is nobody else's to read. */
export function restoreMode(file: OpenFile, target: string, { mode }: FileMetadata): Promise<string[]> {
  return noting(`${target} is whole, but its permissions could not be restored.`, async () => {
    // Set-user-id and its kin are not given to a file that may come from a stranger.
    if (mode !== undefined) await file.setMode(mode & 0o777);
  });
}

async function noting(note: string, act: () => Promise<void>): Promise<string[]> {
  try {
    await act();
    return [];
  } catch (error) {
    if (!(error instanceof KeywardError)) throw error;
    return [note];
  }
}
