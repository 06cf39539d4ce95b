import { basename } from 'node:path';
import { isEncryptedName } from '../../shared/encrypted-name.ts';
import { isKeywardError } from '../../shared/errors.ts';
import { openFile } from '../disk/file.ts';
import { looksLikeAws } from '../envelope/aws/header.ts';
import { readHeader } from '../envelope/header-copies.ts';
import type { ReadableFile } from '../envelope/io.ts';
import { AT, MAGIC } from '../envelope/layout.ts';

/**
 * What a file is, judged by its contents (pitfall 54): `encrypted`, in either format; `plain`; or `named`: plain,
 * though its name says that it is encrypted.
 */
type Recognised = 'encrypted' | 'plain' | 'named';

/** The magic, the first byte of the version, which is 0 and stands in no text, and more than AWS's messages need. */
const START = AT.version + 1;

/**
 * Recognises an open file by its first bytes. One that is called `.keyward` is also encrypted if its second header
 * copy alone is left. Throws what the disk says of bytes that it can't read.
 */
async function recognise(file: Pick<ReadableFile, 'path' | 'read'>): Promise<Recognised> {
  const named = isEncryptedName(basename(file.path));
  const start = Buffer.alloc(START);
  try {
    if (looksEncrypted(start.subarray(0, await file.read(start, 0)))) return 'encrypted';
  } catch (error) {
    if (!named || !isKeywardError(error, 'IoFailed')) throw error;
  }
  if (!named) return 'plain';
  try {
    await readHeader(file);
    return 'encrypted';
  } catch (error) {
    if (isKeywardError(error, 'IoFailed')) throw error;
    return 'named';
  }
}

/** Recognises the file at a path, and tells its size. Throws the disk errors. */
export async function recogniseAt(path: string): Promise<{ readonly is: Recognised; readonly size: number }> {
  const file = await openFile(path, 'read');
  try {
    const { size } = await file.stat();
    return { is: await recognise(file), size };
  } finally {
    await file.release();
  }
}

function looksEncrypted(start: Buffer): boolean {
  const isNative =
    start.length === START && start.subarray(0, MAGIC.length).equals(MAGIC) && start[AT.version] === 0;
  return isNative || looksLikeAws(start);
}
