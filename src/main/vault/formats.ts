import type { OpenFile } from '../disk/file.ts';
import { isAwsFile, looksLikeAws } from '../envelope/aws/header.ts';
import type { Keyring } from '../envelope/aws/keyring.ts';
import { afterPrefix, type ByteSource, type ReadableFile } from '../envelope/io.ts';
import { AWS_FORMAT } from './aws-format.ts';
import type { FileFormat, Kind, OpenedFile, OpenedStream } from './file-format.ts';
import type { JobCaller, JobServices } from './jobs.ts';
import { NATIVE_FORMAT } from './native-format.ts';

/** The format of a file, by its first bytes; what is none of them is taken for a native one, which says what is wrong. */
export async function formatOf(file: Pick<ReadableFile, 'read' | 'path'>): Promise<FileFormat> {
  return (await isAwsFile(file)) ? AWS_FORMAT : NATIVE_FORMAT;
}

/** The format to write a kind of file in. */
export function formatFor({ suite }: Pick<Kind, 'suite'>): FileFormat {
  return suite === undefined ? NATIVE_FORMAT : AWS_FORMAT;
}

/** Opens the header of a file, whichever format it has. `keyring` holds other people's keys of AWS messages. */
export async function openAny(
  services: JobServices,
  by: JobCaller,
  file: OpenFile,
  keyring: Keyring | undefined,
): Promise<OpenedFile> {
  return (await formatOf(file)).open(services, by, file, keyring);
}

/** Opens the header of a stream, whichever format it has, as `openAny` does. */
export async function openAnyStream(
  services: JobServices,
  by: JobCaller,
  source: ByteSource,
  keyring: Keyring | undefined,
): Promise<OpenedStream> {
  const start = Buffer.alloc(4);
  const got = start.subarray(0, await source.read(start));
  const format = looksLikeAws(got) ? AWS_FORMAT : NATIVE_FORMAT;
  return format.openStream(services, by, afterPrefix(got, source), keyring);
}
