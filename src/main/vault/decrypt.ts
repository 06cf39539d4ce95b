import type { FileResult } from '../../shared/contract.ts';
import { KeywardError } from '../../shared/errors.ts';
import { wipe } from '../crypto/bytes.ts';
import { openFile } from '../disk/file.ts';
import { checkFile } from '../envelope/body.ts';
import { decryptInto } from '../envelope/files.ts';
import { nativeBody } from '../envelope/message-body.ts';
import type { FileMetadata } from '../envelope/metadata.ts';
import { filling, type JobCaller, type JobRooms } from './jobs.ts';
import { decryptedName } from './names.ts';
import { openForReading } from './opening.ts';
import { AtomicOutput } from './output.ts';
import type { JobProgress } from './progress.ts';
import { type Outcome, runFiles } from './runner.ts';
import { type Destination, destinationOf, targetFor } from './targets.ts';
import type { Found } from './walk.ts';

/** What to decrypt and where to. */
export type DecryptJob = {
  readonly sources: readonly string[];
  readonly out?: string;
  readonly overwrite: boolean;
  readonly each: boolean;
};

/** Decrypts files, one result for each; nothing appears under its final name before all of it is verified. */
export async function decryptFiles(rooms: JobRooms, job: DecryptJob, by: JobCaller): Promise<FileResult[]> {
  const destination = await destinationOf(job.out, job.each || job.sources.length > 1);
  return runFiles(job.sources, { each: job.each, wanted: 'encrypted' }, by, (file, progress) =>
    decryptOne(rooms, job, by, file, destination, progress),
  );
}

/** Verifies every frame of files without writing anything. */
export async function verifyFiles(
  rooms: JobRooms,
  job: { readonly sources: readonly string[]; readonly each: boolean },
  by: JobCaller,
): Promise<FileResult[]> {
  return runFiles(job.sources, { each: job.each, wanted: 'encrypted' }, by, async (found, progress) => {
    const file = await openFile(found.path, 'read');
    try {
      const { open, notes } = await openForReading(rooms, by.caller, file, by.signal);
      try {
        const checked = await checkFile(file, nativeBody(open));
        progress.resize(checked.plan.plaintextLength);
        const bytes = await decryptInto(checked, undefined, watch(by, progress));
        return { output: null, bytes, notes };
      } finally {
        wipe(open.payloadKey);
      }
    } finally {
      await file.release();
    }
  });
}

async function decryptOne(
  rooms: JobRooms,
  job: DecryptJob,
  by: JobCaller,
  found: Found,
  destination: Destination,
  progress: JobProgress,
): Promise<Outcome> {
  const file = await openFile(found.path, 'read');
  try {
    const { open, notes, state } = await openForReading(rooms, by.caller, file, by.signal);
    try {
      refusePackage(state.header.contentKind, found.path);
      const name = decryptedName(found.path, open.metadata.name);
      const target = await targetFor(found, name, destination, {
        overwrite: job.overwrite,
        home: rooms.home,
      });
      const checked = await checkFile(file, nativeBody(open));
      progress.resize(checked.plan.plaintextLength);
      const output = await AtomicOutput.open(target, {
        ...rooms,
        overwrite: job.overwrite,
        messageId: state.header.messageId,
      });
      return await filling(output, async () => {
        const bytes = await decryptInto(checked, output.file, watch(by, progress));
        const more = await restoreAttributes(output, open.metadata);
        await output.place();
        destination.made.add(output.identity);
        return { output: target, bytes, notes: [...notes, ...more] };
      });
    } finally {
      wipe(open.payloadKey);
    }
  } finally {
    await file.release();
  }
}

/** Mode and time as they were; a disk that can't keep them is worth a note, not a failure. */
async function restoreAttributes(output: AtomicOutput, metadata: FileMetadata): Promise<string[]> {
  try {
    // Set-user-id and its kin are not given to a file that may come from a stranger.
    if (metadata.mode !== undefined) await output.file.setMode(metadata.mode & 0o777);
    if (metadata.modified !== undefined) await output.file.setModified(metadata.modified);
    return [];
  } catch (error) {
    if (!(error instanceof KeywardError)) throw error;
    return [`${output.target} is whole, but its permissions or time could not be restored.`];
  }
}

function refusePackage(kind: string, path: string): void {
  if (kind === 'file') return;
  throw new KeywardError(
    'NewerFormat',
    `${path} holds a whole folder, which this version of Keyward can't unpack. Install a newer version.`,
    { path },
  );
}

function watch(by: JobCaller, progress: JobProgress) {
  return { signal: by.signal, onProgress: (done: number) => progress.advance(done) };
}
