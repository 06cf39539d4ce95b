import { basename } from 'node:path';
import type { EncryptionContext } from '../../shared/context.ts';
import { withMessageId } from '../../shared/context.ts';
import type { FileResult } from '../../shared/contract.ts';
import { KeywardError } from '../../shared/errors.ts';
import { wipe } from '../crypto/bytes.ts';
import { type FileFacts, type OpenFile, openFile } from '../disk/file.ts';
import { factsAt } from '../disk/tree.ts';
import { newHeader, newMessageId } from '../envelope/compose.ts';
import { encryptStream } from '../envelope/encrypt.ts';
import { type ByteSink, type ByteSource, fileSink, fileSource } from '../envelope/flow.ts';
import type { FileMetadata } from '../envelope/metadata.ts';
import type { OpenHeader } from '../envelope/open.ts';
import type { Caller } from '../kms/types.ts';
import { about, filling, type JobCaller, type JobRooms } from './jobs.ts';
import { encryptedName } from './names.ts';
import { AtomicOutput, identityOf } from './output.ts';
import type { JobProgress } from './progress.ts';
import { type Outcome, runFiles } from './runner.ts';
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
};

/** A header under a new data key, and the slot facts that the catalog keeps. */
type Sealed = { readonly open: OpenHeader; readonly keyId: string; readonly version: string };

/** Encrypts files, one result for each; a source is never changed. */
export async function encryptFiles(rooms: JobRooms, job: EncryptJob, by: JobCaller): Promise<FileResult[]> {
  const destination = await destinationOf(job.out, job.each || job.sources.length > 1);
  return runFiles(job.sources, { each: job.each, wanted: 'plain' }, by, (file, progress) =>
    encryptOne(rooms, job, by, file, destination, progress),
  );
}

/**
 * Encrypts a stream to a stream; resolves to the bytes of plaintext. What was written is whole only if it
 * resolves.
 */
export async function encryptPipe(
  rooms: JobRooms,
  job: { readonly key: string; readonly context: EncryptionContext },
  by: JobCaller,
  pipe: { readonly source: ByteSource; readonly sink: ByteSink },
): Promise<number> {
  const { open } = await sealHeader(rooms, job, by.caller, newMessageId(), {});
  const onProgress = (done: number) =>
    by.progress({ done, total: null, file: 1, files: 1, source: pipe.source.name });
  const { plaintextLength } = await encryptStream(open, pipe.source, pipe.sink, {
    signal: by.signal,
    onProgress,
  });
  return plaintextLength;
}

async function encryptOne(
  rooms: JobRooms,
  job: EncryptJob,
  by: JobCaller,
  found: Found,
  destination: Destination,
  progress: JobProgress,
): Promise<Outcome> {
  const target = await targetFor(found, encryptedName(basename(found.path)), destination, {
    overwrite: job.overwrite,
    home: rooms.home,
  });
  const source = await openFile(found.path, 'read');
  try {
    const before = await source.stat();
    const messageId = newMessageId();
    const metadata = metadataOf(basename(found.path), before);
    const sealed = await sealHeader(rooms, job, about(by.caller, found.path), messageId, metadata);
    const output = await AtomicOutput.open(target, { ...rooms, overwrite: job.overwrite, messageId });
    return await filling(output, async () => {
      progress.resize(before.size);
      const { plaintextLength } = await encryptStream(
        sealed.open,
        fileSource(source, 0, before.size),
        fileSink(output.file),
        { signal: by.signal, onProgress: (done) => progress.advance(done) },
      );
      await requireUnchanged(source, before);
      const { header } = sealed.open;
      await output.place((tx) =>
        rooms.files.put(tx, messageId, {
          path: target,
          generation: header.generation,
          mac: header.mac.toString('hex'),
          keyId: sealed.keyId,
          version: sealed.version,
          bytes: plaintextLength,
          at: rooms.clock.now(),
        }),
      );
      destination.made.add(output.identity);
      return { output: target, bytes: plaintextLength };
    });
  } finally {
    await source.release();
  }
}

async function sealHeader(
  rooms: JobRooms,
  job: { readonly key: string; readonly context: EncryptionContext },
  caller: Caller,
  messageId: Buffer,
  metadata: FileMetadata,
): Promise<Sealed> {
  const { CiphertextBlob, Plaintext, KeyId, KeyMaterialId } = await rooms.kms.GenerateDataKey(caller, {
    KeyId: job.key,
    KeySpec: 'AES_256',
    EncryptionContext: withMessageId(job.context, messageId),
  });
  try {
    const keyId = KeyId.slice(KeyId.lastIndexOf('/') + 1);
    const slot = { kind: 'local', keyId, versionId: KeyMaterialId, wrapped: CiphertextBlob } as const;
    const open = newHeader({ messageId, dataKey: Plaintext, context: job.context, slots: [slot], metadata });
    return { open, keyId, version: KeyMaterialId };
  } finally {
    wipe(Plaintext);
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
 * another file meanwhile is not the one its name stands for.
 */
async function requireUnchanged(source: OpenFile, before: FileFacts): Promise<void> {
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
