import type { FileResult } from '../../shared/contract.ts';
import type { KeywardError } from '../../shared/errors.ts';
import { type OpenFile, openFile } from '../disk/file.ts';
import { userUmask } from '../disk/umask.ts';
import type { Keyring } from '../envelope/aws/keyring.ts';
import { fileSink } from '../envelope/io.ts';
import type { Watch } from '../envelope/pipeline.ts';
import { restoreMode, restoreTime } from './attributes.ts';
import { type ByteRange, boundsOf } from './byte-range.ts';
import { type ExistingOutput, existingDecrypted } from './existing-output.ts';
import type { OpenedFile } from './file-format.ts';
import { decryptedName } from './file-names.ts';
import { openAny } from './formats.ts';
import { filling, type JobCaller, type JobServices } from './jobs.ts';
import { refusePackage } from './open-header.ts';
import { AtomicOutput } from './output.ts';
import type { FileProgress } from './progress.ts';
import { type FileControl, type Outcome, runFiles } from './runner.ts';
import { nothingLeft, salvaged, surplusNote } from './salvage.ts';
import { type Destination, destinationOf, targetFor } from './targets.ts';
import type { Found } from './walk.ts';

/** What to decrypt and where to. */
type DecryptJob = {
  readonly sources: readonly string[];
  readonly out?: string;
  readonly overwrite: boolean;
  readonly each: boolean;
  /** Skips files whose output exists already. */
  readonly skipExisting?: boolean;
  /** Only these bytes of the one source; needs `out`. */
  readonly range?: ByteRange;
  /** Of a damaged file, what is whole goes to `<name>.salvaged`. */
  readonly salvage?: boolean;
  /** Other people's keys, for AWS messages. */
  readonly keyring?: Keyring;
};

/** Decrypts files, one result for each; nothing appears under its final name before all of it is verified. */
export async function decryptFiles(
  services: JobServices,
  job: DecryptJob,
  by: JobCaller,
): Promise<FileResult[]> {
  const destination = await destinationOf(job.out, job.each || job.sources.length > 1);
  const choice = { each: job.each, wanted: 'encrypted', home: services.home, out: job.out } as const;
  return runFiles(job.sources, choice, by, (file, own) =>
    decryptOne(services, job, by, file, destination, own),
  );
}

async function decryptOne(
  services: JobServices,
  job: DecryptJob,
  by: JobCaller,
  found: Found,
  destination: Destination,
  own: FileControl,
): Promise<Outcome> {
  const file = await openFile(found.path, 'read');
  try {
    const opened = await openAny(services, by, file, job.keyring);
    try {
      refusePackage(opened.kind.contentKind, found.path);
      const plainName = decryptedName(found.path, opened.metadata.name);
      const name = job.salvage === true ? `${plainName}.salvaged` : plainName;
      const { path: target, standing } = await targetFor(found, name, destination, {
        ...{ overwrite: job.overwrite, home: services.home },
        ...(job.skipExisting === true
          ? { skip: (path) => existingFor(job, opened, path, watch(by, own.progress)) }
          : {}),
      });
      if (standing !== undefined) return { output: target, bytes: 0, skipped: standing };
      const read = await readingOf(job, file, opened);
      own.progress.resize(read.length);
      const output = await AtomicOutput.open(target, {
        ...services,
        overwrite: job.overwrite,
        messageId: opened.messageId,
        made: destination.made,
        member: own.member,
      });
      return await filling(output, async () => {
        const { bytes, failure, notes = [] } = await read.into(output, watch(by, own.progress));
        const more = await restoreTime(output.file, target, opened.metadata);
        await output.place({
          finish: async (file) => {
            more.push(...(await restoreMode(file, target, opened.metadata, umaskFor(services, opened))));
          },
        });
        const told = { output: target, bytes, notes: [...opened.notes, ...notes, ...more] };
        return failure === undefined ? told : { ...told, failure };
      });
    } finally {
      opened.wipe();
    }
  } finally {
    await file.release();
  }
}

/** What stands in the place of the output. A part of a file, or what was salvaged of one, is never up to date. */
async function existingFor(
  job: DecryptJob,
  opened: OpenedFile,
  target: string,
  watch: Watch,
): Promise<ExistingOutput> {
  if (job.salvage === true || job.range !== undefined) return existingDecrypted(target, undefined);
  const [length, { modified }] = [await opened.check(), opened.metadata];
  return existingDecrypted(target, {
    length,
    modified,
    into: (sink) => opened.range(0, length, sink, watch),
  });
}

/** How the plaintext is read: its length, as far as that is known before, and the work itself. */
type Reading = {
  readonly length: number;
  into(
    output: AtomicOutput,
    watch: Watch,
  ): Promise<{ bytes: number; notes?: string[]; failure?: KeywardError }>;
};

async function readingOf(
  { salvage, range }: DecryptJob,
  file: OpenFile,
  opened: OpenedFile,
): Promise<Reading> {
  if (salvage === true) {
    return {
      length: (await file.stat()).size,
      async into(output, watch) {
        const survey = await opened.salvage(output.file, watch);
        const whole = survey.lost.length === 0 && !survey.endMissing;
        if (!whole && survey.bytes === 0) throw nothingLeft(file.path, survey);
        await output.file.truncate(survey.of);
        return whole
          ? { bytes: survey.bytes, notes: surplusNote(file.path, survey) }
          : { bytes: survey.bytes, failure: salvaged(file.path, output.target, survey) };
      },
    };
  }
  const plaintextLength = await opened.check();
  if (range === undefined) {
    return {
      length: plaintextLength,
      into: async (output, watch) => ({ bytes: await opened.into(output.file, watch) }),
    };
  }
  const { first, end } = boundsOf(range);
  return {
    length: Math.max(0, Math.min(end, plaintextLength) - first),
    into: async (output, watch) => ({
      bytes: await opened.range(first, end, fileSink(output.file), watch),
    }),
  };
}

function watch(by: JobCaller, progress: FileProgress) {
  return { signal: by.signal, onProgress: (done: number) => progress.advance(done) };
}

/** Of a file that others may have made, the permissions are theirs to choose only as far as those of any new file. */
function umaskFor({ store, files }: JobServices, { messageId }: OpenedFile): number {
  return store.read((tx) => files.get(tx, messageId)) === undefined ? userUmask() : 0;
}
