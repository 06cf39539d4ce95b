import type { OpenFile } from '../disk/file.ts';
import { isAwsFile } from '../envelope/aws/header.ts';
import type { Keyring } from '../envelope/aws/keyring.ts';
import { openAwsFile } from './aws-file.ts';
import type { JobCaller, JobServices } from './jobs.ts';
import { openNativeFile } from './native-file.ts';
import type { OpenedFile } from './opened-file.ts';

/** Opens the header of a file, whichever format it has. `keyring` holds other people's keys of AWS messages. */
export async function openAny(
  services: JobServices,
  by: JobCaller,
  file: OpenFile,
  keyring: Keyring | undefined,
): Promise<OpenedFile> {
  return (await isAwsFile(file))
    ? openAwsFile(services, by, file, keyring)
    : openNativeFile(services, by, file);
}
