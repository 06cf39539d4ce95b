import { type EncryptionContext, equalContexts } from '../../shared/context.ts';
import { fail, isKeywardError } from '../../shared/errors.ts';
import type { SkipOutcome } from '../../shared/file-outcome.ts';
import { sha256 } from '../crypto/hash.ts';
import { type FileFacts, openFile } from '../disk/file.ts';
import { factsAt } from '../disk/tree.ts';
import { planBody } from '../envelope/body-plan.ts';
import type { Header } from '../envelope/header.ts';
import { readHeader } from '../envelope/header-copies.ts';
import type { ByteSink } from '../envelope/io.ts';
import { nativeLayout } from '../envelope/native-body.ts';
import type { JobServices } from './jobs.ts';

/*
 * What stands in the place of an output already (pitfall 72). Of an encrypted file nothing of the body is read: whether
 * that is whole and authentic is for `verify` to say.
 */

/** What stands there; `undefined`: nothing that an output could take the place of. */
export type ExistingOutput = Extract<SkipOutcome, 'up-to-date' | 'outdated' | 'exists'> | undefined;

/** What decryption would write. */
type WholePlaintext = {
  readonly length: number;
  readonly modified: bigint | undefined;
  readonly into: (sink: ByteSink) => Promise<unknown>;
};

/** Some disks keep times to 2 seconds. */
const TIME_STEP_NS = 2_000_000_000n;

/**
 * A mark of a source as it stands, by its name, size, time of modification and time of change: 9 bytes in base64url. A
 * program can put the time of modification back, the time of change it can't. No inode: some disks number their files
 * anew each time they are mounted.
 */
export function sourceMark(
  name: string,
  { size, modified, changed }: Pick<FileFacts, 'size' | 'modified' | 'changed'>,
): string {
  const facts = JSON.stringify([name, size, String(modified), String(changed)]);
  return sha256(Buffer.from(facts)).toString('base64url', 0, 9);
}

/**
 * Compares what stands at `target` with what encryption would put there: `up-to-date` if it is the file that the
 * catalog knows, with the header and length that it was given, of the source with this mark, under this key and
 * context; `outdated` if it is a file that the catalog knows of another source or state, key or context.
 */
export async function existingEncrypted(
  services: JobServices,
  target: string,
  wanted: { readonly mark: string; readonly key: string; readonly context: EncryptionContext },
): Promise<ExistingOutput> {
  if (!(await isFileAt(target))) return undefined;
  const there = await headerAt(target);
  if (there === undefined) return 'exists';
  const { header, bytes } = there;
  const known = services.store.read((tx) => services.files.get(tx, header.messageId));
  const isAsWritten =
    known !== undefined &&
    known.mark !== '' &&
    known.generation === header.generation &&
    known.mac === header.mac.toString('hex') &&
    known.bytes === bytes;
  if (!isAsWritten) return 'exists';
  const isSame =
    known.mark === wanted.mark &&
    known.keyId === idOf(services, wanted.key) &&
    equalContexts(header.context, wanted.context);
  return isSame ? 'up-to-date' : 'outdated';
}

/**
 * Compares what stands at `target` with what decryption would put there: `up-to-date` if it has its size, its contents
 * and, to the 2 seconds that some disks keep, its time. `whole` is `undefined` for a part of a file; its `into` decrypts
 * all of it. Throws what that throws.
 */
export async function existingDecrypted(
  target: string,
  whole: WholePlaintext | undefined,
): Promise<ExistingOutput> {
  const there = await factsAt(target, true);
  if (there?.kind !== 'file') return undefined;
  if (whole?.modified === undefined || there.size !== whole.length) return 'exists';
  const apart = there.modified - whole.modified;
  if (apart >= TIME_STEP_NS || apart <= -TIME_STEP_NS) return 'exists';
  return (await holds(target, whole)) ? 'up-to-date' : 'exists';
}

/** Whether a file holds a plaintext, which is as long. */
async function holds(target: string, { into }: WholePlaintext): Promise<boolean> {
  const file = await openFile(target, 'read');
  let at = 0;
  let differs = false;
  try {
    await into({
      async write(bytes) {
        const there = Buffer.allocUnsafe(bytes.length);
        differs = (await file.read(there, at)) < bytes.length || !there.equals(bytes);
        if (differs) throw fail('cancelled');
        at += bytes.length;
      },
    });
    return true;
  } catch (error) {
    if (differs) return false;
    throw error;
  } finally {
    await file.release();
  }
}

async function isFileAt(path: string): Promise<boolean> {
  return (await factsAt(path, true))?.kind === 'file';
}

/** The header of a native file, and the length that its plaintext would have; `undefined` if there is no such file. */
async function headerAt(path: string): Promise<{ header: Header; bytes: number | undefined } | undefined> {
  try {
    const file = await openFile(path, 'read');
    try {
      const { header, fellBack } = await readHeader(file);
      if (fellBack) return undefined;
      const layout = nativeLayout(header);
      const { size } = await file.stat();
      return { header, bytes: planBody(size - layout.bodyAt, layout)?.plaintextLength };
    } finally {
      await file.release();
    }
  } catch (error) {
    if (isKeywardError(error)) return undefined;
    throw error;
  }
}

/** The id behind a reference; none for a key that the vault has yet to make. */
function idOf({ kms }: JobServices, reference: string): string | undefined {
  try {
    return kms.look(reference).metadata.KeyId;
  } catch (error) {
    if (isKeywardError(error)) return undefined;
    throw error;
  }
}
