import { basename } from 'node:path';
import type { EncryptionContext } from '../../shared/context.ts';
import type { FileResult } from '../../shared/contract.ts';
import { openFile } from '../disk/file.ts';
import type { WrittenSuite } from '../envelope/aws/compose.ts';
import { attributesToSeal } from './attributes.ts';
import { writeEncryptedOutput } from './encrypted-output.ts';
import { existingEncrypted, sourceMark } from './existing-output.ts';
import type { Kind } from './file-format.ts';
import { encryptedName } from './file-names.ts';
import { formatFor } from './formats.ts';
import { about, type JobCaller, type JobServices } from './jobs.ts';
import { type FileControl, type Outcome, runFiles } from './runner.ts';
import { type Destination, destinationOf, targetFor } from './targets.ts';
import type { Found } from './walk.ts';

/** What to encrypt, under which key (id, ARN or alias), with which context in clear, and where to. */
type EncryptJob = {
  readonly sources: readonly string[];
  readonly key: string;
  readonly context: EncryptionContext;
  readonly out?: string;
  readonly overwrite: boolean;
  readonly each: boolean;
  /** Skips files whose output exists already. */
  readonly skipExisting?: boolean;
  /** `undefined`: the native format. */
  readonly aws?: { readonly suite: WrittenSuite };
};

/** Encrypts files, one result for each; a source is never changed. */
export async function encryptFiles(
  services: JobServices,
  job: EncryptJob,
  by: JobCaller,
): Promise<FileResult[]> {
  const destination = await destinationOf(job.out, job.each || job.sources.length > 1);
  const choice = { each: job.each, wanted: 'plain', home: services.home, out: job.out } as const;
  return runFiles(job.sources, choice, by, (file, own) =>
    encryptOne(services, job, by, file, destination, own),
  );
}

/** Somebody named one encrypted file and nothing else, and means it. */
const TWICE = 'It was encrypted before, and now is twice: decrypt it twice to get it back.';

async function encryptOne(
  services: JobServices,
  job: EncryptJob,
  by: JobCaller,
  found: Found,
  destination: Destination,
  own: FileControl,
): Promise<Outcome> {
  const name = basename(found.path);
  const source = await openFile(found.path, 'read');
  const notes = found.encrypted === true ? [TWICE] : [];
  try {
    const before = await source.stat();
    const mark = sourceMark(name, before);
    const { path: target, standing } = await targetFor(found, encryptedName(name), destination, {
      ...{ overwrite: job.overwrite, home: services.home },
      ...(job.skipExisting === true
        ? { skip: (path) => existingEncrypted(services, path, { ...job, mark }) }
        : {}),
    });
    if (standing !== undefined) return { output: target, bytes: 0, skipped: standing };
    own.progress.resize(before.size);
    const making = { source, before, target, overwrite: job.overwrite, made: destination.made, own };
    const caller = about(by.caller, found.path);
    // An AWS message keeps nothing beside the content.
    const sealed = job.aws === undefined ? await attributesToSeal(source, name, before) : undefined;
    const { metadata = {}, notes: lost = [] } = sealed ?? {};
    await own.member.meet();
    const file = await formatFor(kindOf(job)).create(
      services,
      { caller },
      { ...kindOf(job), key: job.key, metadata },
    );
    try {
      const { messageId } = file;
      const bytes = await writeEncryptedOutput(
        services,
        by,
        { ...making, messageId },
        (output, watch) => file.encryptFile(source, before.size, output, watch),
        {
          record(tx, bytes) {
            const entry = file.entry({ path: target, bytes, at: services.clock.now(), mark });
            if (entry !== undefined) services.files.put(tx, messageId, entry);
          },
        },
      );
      return { output: target, bytes, notes: [...notes, ...lost] };
    } finally {
      file.wipe();
    }
  } finally {
    await source.release();
  }
}

function kindOf({ context, aws }: EncryptJob): Kind {
  return { context, contentKind: 'file', ...aws };
}
