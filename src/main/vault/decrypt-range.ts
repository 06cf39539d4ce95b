import type { Writable } from 'node:stream';
import { openFile } from '../disk/file.ts';
import type { Keyring } from '../envelope/aws/keyring.ts';
import { streamSink } from '../envelope/io.ts';
import { type ByteRange, boundsOf } from './byte-range.ts';
import { openAny } from './formats.ts';
import type { JobCaller, JobServices, Piped } from './jobs.ts';
import { refusePackage } from './open-header.ts';

/**
 * Decrypts a range of a file to a stream: header and end of the file are verified first, then the frames that
 * hold the range, and no others are read. Throws what `readRange` throws.
 */
export async function decryptRange(
  services: JobServices,
  job: { readonly source: string; readonly range: ByteRange; readonly keyring?: Keyring },
  by: JobCaller,
  output: Writable,
): Promise<Piped> {
  const file = await openFile(job.source, 'read');
  try {
    const opened = await openAny(services, by, file, job.keyring);
    try {
      refusePackage(opened.kind.contentKind, job.source);
      const { first, end } = boundsOf(job.range);
      const total = Math.max(0, Math.min(end, await opened.check()) - first);
      const sink = streamSink(output, 'to standard output');
      const bytes = await opened.range(first, end, sink, {
        signal: by.signal,
        onProgress: (done) => by.progress({ done, total, file: 1, files: 1, source: job.source }),
      });
      return { bytes, notes: [...opened.notes] };
    } finally {
      opened.wipe();
    }
  } finally {
    await file.release();
  }
}
