import type { FileResult } from '../../shared/contract.ts';
import { wipe } from '../crypto/bytes.ts';
import { type FileFacts, openFile } from '../disk/file.ts';
import { realPath } from '../disk/tree.ts';
import { isAwsFile } from '../envelope/aws/header.ts';
import { checkFile } from '../envelope/body.ts';
import { newMessageId } from '../envelope/compose.ts';
import { encryptStream } from '../envelope/encrypt.ts';
import { fileSink } from '../envelope/io.ts';
import { nativeBody } from '../envelope/message-body.ts';
import { plaintextSource } from '../envelope/plaintext.ts';
import { restoreMode } from './attributes.ts';
import { catalogEntryOf } from './catalog.ts';
import { makeEncrypted } from './encrypted-output.ts';
import { about, type JobCaller, type JobServices } from './jobs.ts';
import { KeyedMutex } from './keyed-mutex.ts';
import { localSlotIn } from './local-slot.ts';
import { sealHeader } from './new-header.ts';
import { openForReading } from './open-header.ts';
import { anewAws } from './reencrypt-aws.ts';
import type { Old, Reencryption, ReencryptTarget } from './reencrypt-types.ts';
import { type FileControl, type Outcome, runFiles } from './runner.ts';

/** Which files to encrypt anew, and under which key: unless told each stays with its own. */
export type ReencryptJob = ReencryptTarget & { readonly sources: readonly string[]; readonly each: boolean };

/**
 * Replaces encrypted files by new ones of the same content, name, times and context under fresh data keys: what
 * was learnt of an old data key opens none of them. The plaintext never reaches the disk; each file is replaced
 * in one step once the new one is whole. AWS messages stay AWS messages. One result for each.
 */
export async function reencryptFiles(
  services: JobServices,
  job: ReencryptJob,
  by: JobCaller,
): Promise<FileResult[]> {
  const choice = { each: job.each, wanted: 'encrypted', home: services.home } as const;
  // A file may be named twice.
  const turns = new KeyedMutex();
  return runFiles(job.sources, choice, by, async (found, own) => {
    // The file behind a symbolic link is replaced, not the link: the old encryption would stay.
    const path = await realPath(found.path);
    return turns.take(path, own.member, () => reencryptOne(services, job, by, path, own));
  });
}

async function reencryptOne(
  services: JobServices,
  job: ReencryptTarget,
  by: JobCaller,
  path: string,
  own: FileControl,
): Promise<Outcome> {
  const file = await openFile(path, 'read');
  const secrets: Buffer[] = [];
  try {
    const before = await file.stat();
    const anew = await ((await isAwsFile(file)) ? anewAws : anewNative)(services, job, by, {
      file,
      own,
      secrets,
    });
    const { content, messageId, keys } = anew;
    own.progress.resize(content.plan.plaintextLength);
    const notes = [...anew.notes, ...leftBehind(keys, before)];
    const making = { source: file, before, target: path, overwrite: true, messageId, own };
    const bytes = await makeEncrypted(
      services,
      by,
      making,
      async (target, watch) => {
        const source = plaintextSource(content);
        try {
          return await anew.encrypt(source, fileSink(target), watch);
        } finally {
          source.wipe();
        }
      },
      {
        record: anew.record,
        finish: async (done) => {
          notes.push(...(await restoreMode(done, path, before)));
        },
      },
    );
    return { output: path, bytes, notes };
  } finally {
    wipe(...secrets);
    await file.release();
  }
}

async function anewNative(
  services: JobServices,
  job: ReencryptTarget,
  by: JobCaller,
  { file, own, secrets }: Old,
): Promise<Reencryption> {
  const { path } = file;
  const { open, notes, state } = await openForReading(services, by.caller, file, by.signal);
  secrets.push(open.payloadKey);
  const { context, slots, contentKind, messageId: oldId } = state.header;
  const key = job.key ?? localSlotIn(state.header, services.kms, path).keyId;
  const content = await checkFile(file, nativeBody(open));
  const messageId = newMessageId();
  const what = { key, context, contentKind };
  await own.member.meet();
  const sealed = await sealHeader(services.kms, what, about(by.caller, path), messageId, open.metadata);
  secrets.push(sealed.open.payloadKey);
  return {
    content,
    messageId,
    keys: slots.length,
    notes,
    encrypt: (source, sink, watch) => encryptStream(sealed.open, source, sink, watch),
    record(tx, bytes) {
      const old = services.files.get(tx, oldId);
      // Unless it is that of a copy elsewhere.
      if (old?.path === path) services.files.remove(tx, oldId);
      services.files.put(
        tx,
        messageId,
        catalogEntryOf(sealed, { path, bytes, at: services.clock.now(), mark: old?.mark ?? '' }),
      );
    },
  };
}

/** What of the old file the new one does not take along or replace. */
function leftBehind(keys: number, { links }: FileFacts): string[] {
  const others = keys - 1;
  return [
    ...(others > 0
      ? [`It was encrypted for ${count(others, 'other key')} too, which can't open the new file.`]
      : []),
    ...(links > 1
      ? [
          `The file has ${count(links - 1, 'other name')} (hard links), still encrypted under the old data key.`,
        ]
      : []),
  ];
}

function count(things: number, name: string): string {
  return `${things} ${name}${things === 1 ? '' : 's'}`;
}
