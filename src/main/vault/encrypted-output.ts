import { KeywardError } from '../../shared/errors.ts';
import type { FileFacts, OpenFile } from '../disk/file.ts';
import type { Encrypted } from '../envelope/encrypt.ts';
import type { Tx } from '../store/database.ts';
import type { Member } from './batch.ts';
import { isStill, type OutputsMade } from './file-identity.ts';
import type { JobCaller, JobServices } from './jobs.ts';
import { filling } from './jobs.ts';
import { AtomicOutput } from './output.ts';
import type { FileControl } from './runner.ts';

/** An encrypted file that is made of the contents of another one, which was `before` when its reading began. */
export type Making = {
  readonly source: OpenFile;
  readonly before: FileFacts;
  readonly target: string;
  readonly overwrite: boolean;
  readonly messageId: Buffer;
  readonly made?: OutputsMade;
  readonly own: FileControl;
};

/** Writes all of the encrypted file into an empty one. */
export type Fill = (
  file: OpenFile,
  watch: { readonly signal: AbortSignal; readonly onProgress: (done: number) => void },
) => Promise<Encrypted>;

/**
 * Makes an encrypted file, if its source stays what it was; resolves to the bytes of plaintext. `finish` may set
 * attributes before it is placed, `record` writes in the transaction that ends it. Throws `SourceChanged` and what
 * `AtomicOutput` and `fill` throw.
 */
export async function makeEncrypted(
  services: JobServices,
  { signal }: JobCaller,
  { source, before, own, target, ...how }: Making,
  fill: Fill,
  record?: (tx: Tx, bytes: number) => void,
): Promise<number> {
  const member: Member = own.member;
  const output = await AtomicOutput.open(target, { ...services, ...how, member });
  return filling(output, async () => {
    const onProgress = (done: number) => own.progress.advance(done);
    const { plaintextLength } = await fill(output.file, { signal, onProgress });
    await requireUnchanged(source, before);
    await output.place((tx) => record?.(tx, plaintextLength));
    return plaintextLength;
  });
}

/**
 * Pitfall 8: what changed under our hands is neither the old file nor the new one, and what was replaced by
 * another file meanwhile is not the one its name stands for. Throws `SourceChanged`.
 */
async function requireUnchanged(source: OpenFile, before: FileFacts): Promise<void> {
  const after = await source.stat();
  const same = await isStill(source.path, before);
  if (same && after.size === before.size && after.modified === before.modified) return;
  throw new KeywardError(
    'SourceChanged',
    `${source.path} was changed while it was being read, so nothing was kept. Try again when it is at rest.`,
    { path: source.path },
  );
}
