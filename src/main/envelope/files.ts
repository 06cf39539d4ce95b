import type { OpenFile } from '../disk/file.ts';
import { type CheckedFile, decryptFile } from './body.ts';
import { planFor } from './body-plan.ts';
import { claimHeader, type Encrypted, encryptClaimed } from './encrypt.ts';
import { runFrames } from './engine/run.ts';
import { fileSink, fileSource } from './io.ts';
import { nativeBody } from './native-body.ts';
import type { OpenHeader } from './open.ts';
import type { Watch } from './pipeline.ts';

/**
 * Encrypts the first `length` bytes of a file into an empty one: large files on several threads, by position;
 * the header comes last. Otherwise as `encryptStream`, whose rules on `open` hold here too.
 */
export async function encryptFile(
  open: OpenHeader,
  source: OpenFile,
  length: number,
  target: OpenFile,
  watch: Watch = {},
): Promise<Encrypted> {
  claimHeader(open);
  const { header } = open;
  const body = nativeBody(open);
  const { plan, bodyLength } = planFor(length, body, source.path);
  const ran = await runFrames({ kind: 'encrypt', body, plan, source, sink: target }, watch);
  if (ran === undefined) {
    return encryptClaimed(open, fileSource(source, 0, length), fileSink(target), watch);
  }
  const sink = fileSink(target);
  for (const area of [header.area, header.area]) await sink.write(area);
  return { plaintextLength: ran.bytes, fileLength: body.bodyAt + bodyLength };
}

/**
 * Decrypts a whole file whose end was checked into an empty one, or only verifies it when there is none: large
 * files on several threads. Resolves to the bytes of plaintext. Throws as `decryptBody` does.
 */
export async function decryptInto(
  checked: CheckedFile<OpenFile>,
  target: OpenFile | undefined,
  watch: Watch = {},
): Promise<number> {
  const { file, body, plan } = checked;
  const ran = await runFrames({ kind: 'decrypt', body, plan, source: file, sink: target }, watch);
  if (ran !== undefined) return ran.bytes;
  return decryptFile(checked, target === undefined ? undefined : fileSink(target), watch);
}
