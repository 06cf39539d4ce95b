import type { FileResult } from '../../shared/contract.ts';
import { wipe } from '../crypto/bytes.ts';
import { openFile } from '../disk/file.ts';
import { checkFile } from '../envelope/body.ts';
import { nativeBody } from '../envelope/message-body.ts';
import { verifyFile } from '../envelope/survey.ts';
import type { JobCaller, JobRooms } from './jobs.ts';
import { openForReading } from './opening.ts';
import { runFiles } from './runner.ts';

/** Which files to verify; `quick`: only header, length and last frame, which takes as long for any file. */
export type VerifyJob = {
  readonly sources: readonly string[];
  readonly each: boolean;
  readonly quick?: boolean | undefined;
};

/** Verifies files without writing anything, one result for each. */
export async function verifyFiles(rooms: JobRooms, job: VerifyJob, by: JobCaller): Promise<FileResult[]> {
  const choice = { each: job.each, wanted: 'encrypted', together: true } as const;
  return runFiles(job.sources, choice, by, async (found, progress) => {
    const file = await openFile(found.path, 'read');
    try {
      const { open, notes } = await openForReading(rooms, by.caller, file, by.signal);
      try {
        const body = nativeBody(open);
        if (job.quick === true) {
          const { plan } = await checkFile(file, body);
          progress.resize(0);
          return { output: null, bytes: plan.plaintextLength, notes };
        }
        const watch = { signal: by.signal, onProgress: (done: number) => progress.advance(done) };
        const bytes = await verifyFile(file, body, watch, (length) => progress.resize(length));
        return { output: null, bytes, notes };
      } finally {
        wipe(open.payloadKey);
      }
    } finally {
      await file.release();
    }
  });
}
