import { basename } from 'node:path';
import type { EncryptionContext } from '../../shared/context.ts';
import type { FileResult } from '../../shared/contract.ts';
import { KeywardError } from '../../shared/errors.ts';
import { wipe } from '../crypto/bytes.ts';
import { type FileFacts, type OpenFile, openFile } from '../disk/file.ts';
import { factsAt } from '../disk/tree.ts';
import type { WrittenSuite } from '../envelope/aws/compose.ts';
import { encryptAwsInto } from '../envelope/aws/encrypt.ts';
import { newMessageId } from '../envelope/compose.ts';
import { encryptFile } from '../envelope/files.ts';
import type { FileMetadata } from '../envelope/metadata.ts';
import { newAwsMessage } from './aws-keys.ts';
import { about, filling, type JobCaller, type JobRooms } from './jobs.ts';
import { knownFileOf } from './known-files.ts';
import { identityOf } from './made.ts';
import { encryptedName } from './names.ts';
import { AtomicOutput } from './output.ts';
import { type FileControl, type Outcome, runFiles } from './runner.ts';
import { sealHeader } from './sealing.ts';
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
  /** `undefined`: the native format. */
  readonly aws?: { readonly suite: WrittenSuite };
};

/** Encrypts files, one result for each; a source is never changed. */
export async function encryptFiles(rooms: JobRooms, job: EncryptJob, by: JobCaller): Promise<FileResult[]> {
  const destination = await destinationOf(job.out, job.each || job.sources.length > 1);
  const choice = { each: job.each, wanted: 'plain', together: true } as const;
  return runFiles(job.sources, choice, by, (file, own) => encryptOne(rooms, job, by, file, destination, own));
}

async function encryptOne(
  rooms: JobRooms,
  job: EncryptJob,
  by: JobCaller,
  found: Found,
  destination: Destination,
  own: FileControl,
): Promise<Outcome> {
  const target = await targetFor(found, encryptedName(basename(found.path)), destination, {
    overwrite: job.overwrite,
    home: rooms.home,
  });
  const source = await openFile(found.path, 'read');
  let key: Buffer | undefined;
  try {
    const before = await source.stat();
    if (job.aws !== undefined) {
      const how = { ...job, ...job.aws };
      return await encryptAwsOne(rooms, how, by, { source, before, target, destination, own });
    }
    const messageId = newMessageId();
    const metadata = metadataOf(basename(found.path), before);
    await own.member.meet();
    const sealed = await sealHeader(rooms, job, about(by.caller, found.path), messageId, metadata);
    key = sealed.open.payloadKey;
    const how = { overwrite: job.overwrite, messageId, made: destination.made, member: own.member };
    const output = await AtomicOutput.open(target, { ...rooms, ...how });
    return await filling(output, async () => {
      own.progress.resize(before.size);
      const { plaintextLength } = await encryptFile(sealed.open, source, before.size, output.file, {
        signal: by.signal,
        onProgress: (done) => own.progress.advance(done),
      });
      await requireUnchanged(source, before);
      const known = knownFileOf(sealed, { path: target, bytes: plaintextLength, at: rooms.clock.now() });
      await output.place((tx) => rooms.files.put(tx, messageId, known));
      return { output: target, bytes: plaintextLength };
    });
  } finally {
    if (key !== undefined) wipe(key);
    await source.release();
  }
}

type AwsWork = {
  readonly source: OpenFile;
  readonly before: FileFacts;
  readonly target: string;
  readonly destination: Destination;
  readonly own: FileControl;
};

async function encryptAwsOne(
  rooms: JobRooms,
  job: EncryptJob & { readonly suite: WrittenSuite },
  by: JobCaller,
  { source, before, target, destination, own }: AwsWork,
): Promise<Outcome> {
  await own.member.meet();
  const message = newAwsMessage(rooms, job, about(by.caller, source.path));
  try {
    const { messageId } = message.header;
    const how = { overwrite: job.overwrite, messageId, made: destination.made, member: own.member };
    const output = await AtomicOutput.open(target, { ...rooms, ...how });
    return await filling(output, async () => {
      own.progress.resize(before.size);
      const { plaintextLength } = await encryptAwsInto(message, source, before.size, output.file, {
        signal: by.signal,
        onProgress: (done) => own.progress.advance(done),
      });
      await requireUnchanged(source, before);
      await output.place();
      return { output: target, bytes: plaintextLength };
    });
  } finally {
    wipe(message.payloadKey);
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

/**
 * Pitfall 8: what changed under our hands is neither the old file nor the new one, and what was replaced by
 * another file meanwhile is not the one its name stands for. Throws `SourceChanged`.
 */
export async function requireUnchanged(source: OpenFile, before: FileFacts): Promise<void> {
  const after = await source.stat();
  const named = await factsAt(source.path, true);
  const same = named !== undefined && identityOf(named) === identityOf(before);
  if (same && after.size === before.size && after.modified === before.modified) return;
  throw new KeywardError(
    'SourceChanged',
    `${source.path} was changed while it was being read, so nothing was kept. Try again when it is at rest.`,
    { path: source.path },
  );
}
