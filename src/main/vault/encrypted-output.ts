import { fail } from '../../shared/errors.ts';
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
type EncryptedOutputOptions = {
  readonly source: OpenFile;
  readonly before: FileFacts;
  readonly target: string;
  readonly overwrite: boolean;
  readonly messageId: Buffer;
  readonly made?: OutputsMade;
  readonly own: FileControl;
};

/** Writes all of the encrypted file into an empty one. */
type Fill = (
  file: OpenFile,
  watch: { readonly signal: AbortSignal; readonly onProgress: (done: number) => void },
) => Promise<Encrypted>;

/** What is done when it stands: see `Placing`; `record` hears the bytes of plaintext. */
type Ending = {
  readonly record?: ((tx: Tx, bytes: number) => void) | undefined;
  readonly finish?: (file: OpenFile) => Promise<void>;
};

/**
 * Makes an encrypted file, if its source stays what it was; resolves to the bytes of plaintext. Throws `SourceChanged`
 * and what `AtomicOutput` and `fill` throw.
 */
export async function writeEncryptedOutput(
  services: JobServices,
  { signal }: JobCaller,
  { source, before, own, target, ...how }: EncryptedOutputOptions,
  fill: Fill,
  { record, ...ending }: Ending = {},
): Promise<number> {
  const member: Member = own.member;
  const output = await AtomicOutput.open(target, { ...services, ...how, member });
  return filling(output, async () => {
    const onProgress = (done: number) => own.progress.advance(done);
    const { plaintextLength } = await fill(output.file, { signal, onProgress });
    await requireUnchanged(source, before);
    await output.place({ ...ending, record: (tx) => record?.(tx, plaintextLength) });
    return plaintextLength;
  });
}

/**
 * Pitfalls 8 and 53: what changed under our hands is neither the old file nor the new one, and what was replaced by
 * another file meanwhile is not the one its name stands for. A program can put the time of modification back, as
 * those do that keep volumes in files; the time of change it can't. Throws `SourceChanged`.
 */
async function requireUnchanged(source: OpenFile, before: FileFacts): Promise<void> {
  const after = await source.stat();
  const same = await isStill(source.path, before);
  const { size, modified, changed } = before;
  if (same && after.size === size && after.modified === modified && after.changed === changed) return;
  throw fail('source-changed', { path: source.path });
}
