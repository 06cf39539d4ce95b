import type { FileResult } from '../../shared/contract.ts';
import { openFile } from '../disk/file.ts';
import type { Keyring } from '../envelope/aws/keyring.ts';
import { openAny } from './formats.ts';
import type { JobCaller, JobServices } from './jobs.ts';
import { runFiles } from './runner.ts';

/** Which files to verify; `quick`: only header, length and last frame, which takes as long for any file. */
type VerifyJob = {
  readonly sources: readonly string[];
  readonly each: boolean;
  readonly quick?: boolean | undefined;
  /** Other people's keys, for AWS messages. */
  readonly keyring?: Keyring;
};

/** Verifies files without writing anything, one result for each. */
export async function verifyFiles(
  services: JobServices,
  job: VerifyJob,
  by: JobCaller,
): Promise<FileResult[]> {
  const choice = { each: job.each, wanted: 'encrypted', home: services.home } as const;
  return runFiles(job.sources, choice, by, async (found, { progress }) => {
    const file = await openFile(found.path, 'read');
    try {
      const opened = await openAny(services, by, file, job.keyring);
      const notes = [...opened.notes];
      try {
        if (job.quick === true) {
          progress.resize(0);
          return { output: null, bytes: await opened.check(), notes };
        }
        const watch = { signal: by.signal, onProgress: (done: number) => progress.advance(done) };
        const bytes = await opened.verify(watch, (length) => progress.resize(length));
        return { output: null, bytes, notes };
      } finally {
        opened.wipe();
      }
    } finally {
      await file.release();
    }
  });
}
