import type { FileResult } from '../../shared/contract.ts';
import { extendedMetadataOf } from '../disk/extended-metadata.ts';
import { type FileFacts, openFile } from '../disk/file.ts';
import { realPath } from '../disk/tree.ts';
import { fileSink } from '../envelope/io.ts';
import { plaintextSource } from '../envelope/plaintext.ts';
import type { Tx } from '../store/database.ts';
import { takeOver } from './attributes.ts';
import { writeEncryptedOutput } from './encrypted-output.ts';
import type { NewFile } from './file-format.ts';
import { formatFor, openAny } from './formats.ts';
import { about, type JobCaller, type JobServices } from './jobs.ts';
import { KeyedMutex } from './keyed-mutex.ts';
import { type FileControl, type Outcome, runFiles } from './runner.ts';

/** Which files to encrypt anew, and under which key: unless told each stays with its own. */
type ReencryptJob = {
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
  job: ReencryptJob,
  by: JobCaller,
  path: string,
  own: FileControl,
): Promise<Outcome> {
  const file = await openFile(path, 'read');
  const secrets: (() => void)[] = [];
  try {
    const before = await file.stat();
    const extras = await extendedMetadataOf(file);
    const opened = await openAny(services, by, file, undefined);
    secrets.push(opened.wipe);
    const key = job.key ?? opened.key();
    const content = await opened.frames({ signal: by.signal });
    await own.member.meet();
    const made = await formatFor(opened.kind).create(
      services,
      { caller: about(by.caller, path) },
      { ...opened.kind, key, metadata: opened.metadata },
    );
    secrets.push(made.wipe);
    own.progress.resize(content.plan.plaintextLength);
    const notes = [...opened.notes, ...leftBehind(opened.keys, before)];
    const { messageId } = made;
    const making = { source: file, before, target: path, overwrite: true, messageId, own };
    const bytes = await writeEncryptedOutput(
      services,
      by,
      making,
      async (target, watch) => {
        const source = plaintextSource(content);
        try {
          return await made.encryptStream(source, fileSink(target), watch);
        } finally {
          source.wipe();
        }
      },
      {
        record: (tx, bytes) => replaceEntry(services, tx, { old: opened.messageId, made, path, bytes }),
        finish: async (done) => {
          notes.push(...(await takeOver(done, path, before, extras)));
        },
      },
    );
    return { output: path, bytes, notes };
  } finally {
    for (const wipe of secrets) wipe();
    await file.release();
  }
}

function replaceEntry(
  { files, clock }: JobServices,
  tx: Tx,
  {
    old,
    made,
    path,
    bytes,
  }: { readonly old: Buffer; readonly made: NewFile; readonly path: string; readonly bytes: number },
): void {
  const before = files.get(tx, old);
  const entry = made.entry({ path, bytes, at: clock.now(), mark: before?.mark ?? '' });
  if (entry === undefined) return;
  // Unless it is that of a copy elsewhere.
  if (before?.path === path) files.remove(tx, old);
  files.put(tx, made.messageId, entry);
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
