import type { FileResult } from '../../shared/contract.ts';
import { wipe } from '../crypto/bytes.ts';
import { openFile } from '../disk/file.ts';
import { looksLikeAws } from '../envelope/aws/header.ts';
import { checkFile } from '../envelope/body.ts';
import { newMessageId } from '../envelope/compose.ts';
import { encryptStream } from '../envelope/encrypt.ts';
import { fileSink } from '../envelope/flow.ts';
import { nativeBody } from '../envelope/message-body.ts';
import { plaintextSource } from '../envelope/plaintext.ts';
import { requireUnchanged } from './encrypt.ts';
import { about, filling, type JobCaller, type JobRooms } from './jobs.ts';
import { knownFileOf } from './known-files.ts';
import { openForReading } from './opening.ts';
import { AtomicOutput } from './output.ts';
import type { FileProgress } from './progress.ts';
import { noLocalKey, reencryptAws } from './reencrypt-aws.ts';
import { type Outcome, runFiles } from './runner.ts';
import { sealHeader } from './sealing.ts';

/** Which files to encrypt anew, and under which key: unless told each stays with its own. */
export type ReencryptJob = {
  readonly sources: readonly string[];
  readonly each: boolean;
  readonly key?: string;
};

/**
 * Replaces encrypted files by new ones of the same content, name, times and context under fresh data keys: what
 * was learnt of an old data key opens none of them. The plaintext never reaches the disk; each file is replaced
 * in one step once the new one is whole. AWS messages stay AWS messages. One result for each.
 */
export async function reencryptFiles(
  rooms: JobRooms,
  job: ReencryptJob,
  by: JobCaller,
): Promise<FileResult[]> {
  const choice = { each: job.each, wanted: 'encrypted', together: false } as const;
  return runFiles(job.sources, choice, by, (found, { progress }) =>
    reencryptOne(rooms, job, by, found.path, progress),
  );
}

async function reencryptOne(
  rooms: JobRooms,
  job: ReencryptJob,
  by: JobCaller,
  path: string,
  progress: FileProgress,
): Promise<Outcome> {
  const file = await openFile(path, 'read');
  const secrets: Buffer[] = [];
  try {
    const start = Buffer.alloc(4);
    if (looksLikeAws(start.subarray(0, await file.read(start, 0)))) {
      return await reencryptAws(rooms, job, by, file, progress);
    }
    const before = await file.stat();
    const { open, notes, state } = await openForReading(rooms, by.caller, file, by.signal);
    secrets.push(open.payloadKey);
    const { context, slots, contentKind } = state.header;
    const key = job.key ?? slots.find((slot) => slot.kind === 'local')?.keyId;
    if (key === undefined) throw noLocalKey(path);
    const checked = await checkFile(file, nativeBody(open));
    progress.resize(checked.plan.plaintextLength);
    const messageId = newMessageId();
    const what = { key, context, contentKind };
    const sealed = await sealHeader(rooms, what, about(by.caller, path), messageId, open.metadata);
    secrets.push(sealed.open.payloadKey);
    const output = await AtomicOutput.open(path, { ...rooms, overwrite: true, messageId });
    return await filling(output, async () => {
      const source = plaintextSource(checked);
      try {
        const { plaintextLength } = await encryptStream(sealed.open, source, fileSink(output.file), {
          signal: by.signal,
          onProgress: (done) => progress.advance(done),
        });
        await requireUnchanged(file, before);
        const known = knownFileOf(sealed, { path, bytes: plaintextLength, at: rooms.clock.now() });
        await output.place((tx) => rooms.files.put(tx, messageId, known));
        return { output: path, bytes: plaintextLength, notes };
      } finally {
        source.wipe();
      }
    });
  } finally {
    wipe(...secrets);
    await file.release();
  }
}
