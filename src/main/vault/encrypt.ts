import { basename } from 'node:path';
import type { EncryptionContext } from '../../shared/context.ts';
import type { FileResult } from '../../shared/contract.ts';
import { wipe } from '../crypto/bytes.ts';
import { type FileFacts, openFile } from '../disk/file.ts';
import type { WrittenSuite } from '../envelope/aws/compose.ts';
import { encryptAwsInto } from '../envelope/aws/encrypt.ts';
import { newMessageId } from '../envelope/compose.ts';
import { encryptFile } from '../envelope/files.ts';
import type { FileMetadata } from '../envelope/metadata.ts';
import { newAwsMessage } from './aws-keys.ts';
import { catalogEntryOf } from './catalog.ts';
import { makeEncrypted } from './encrypted-output.ts';
import { about, type JobCaller, type JobServices } from './jobs.ts';
import { encryptedName } from './names.ts';
import { sealHeader } from './new-header.ts';
import { type FileControl, type Outcome, runFiles } from './runner.ts';
import { sourceMark, standingEncrypted } from './standing.ts';
import { type Destination, destinationOf, targetFor } from './targets.ts';
import type { Found } from './walk.ts';

/** What to encrypt, under which key (id, ARN or alias), with which context in clear, and where to. */
export type EncryptJob = {
  readonly sources: readonly string[];
  readonly key: string;
  readonly context: EncryptionContext;
  readonly out?: string;
  readonly overwrite: boolean;
  readonly each: boolean;
  /** What stands in the place of an output is passed over. */
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
  const choice = { each: job.each, wanted: 'plain', home: services.home } as const;
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
  const notes = found.encrypted === true ? { notes: [TWICE] } : {};
  const secrets: Buffer[] = [];
  try {
    const before = await source.stat();
    const mark = sourceMark(name, before);
    const { path: target, standing } = await targetFor(found, encryptedName(name), destination, {
      ...{ overwrite: job.overwrite, home: services.home },
      ...(job.skipExisting === true
        ? { skip: (path) => standingEncrypted(services, path, { ...job, mark }) }
        : {}),
    });
    if (standing !== undefined) return { output: target, bytes: 0, skipped: standing };
    own.progress.resize(before.size);
    const making = { source, before, target, overwrite: job.overwrite, made: destination.made, own };
    const caller = about(by.caller, found.path);
    await own.member.meet();
    if (job.aws !== undefined) {
      const message = newAwsMessage(services, { ...job, ...job.aws }, caller);
      secrets.push(message.payloadKey);
      const { messageId } = message.header;
      const bytes = await makeEncrypted(services, by, { ...making, messageId }, (file, watch) =>
        encryptAwsInto(message, source, before.size, file, watch),
      );
      return { output: target, bytes, ...notes };
    }
    const messageId = newMessageId();
    const metadata = metadataOf(name, before);
    const sealed = await sealHeader(services.kms, job, caller, messageId, metadata);
    secrets.push(sealed.open.payloadKey);
    const bytes = await makeEncrypted(
      services,
      by,
      { ...making, messageId },
      (file, watch) => encryptFile(sealed.open, source, before.size, file, watch),
      {
        record: (tx, bytes) => {
          const known = catalogEntryOf(sealed, { path: target, bytes, at: services.clock.now(), mark });
          services.files.put(tx, messageId, known);
        },
      },
    );
    return { output: target, bytes, ...notes };
  } finally {
    wipe(...secrets);
    await source.release();
  }
}

function metadataOf(name: string, facts: FileFacts): FileMetadata {
  return {
    name,
    modified: facts.modified,
    mode: facts.mode,
    // Some disks don't know when a file was made, and say 1970.
    ...(facts.born > 0n ? { born: facts.born } : {}),
  };
}
