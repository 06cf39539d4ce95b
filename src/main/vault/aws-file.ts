import { KeywardError } from '../../shared/errors.ts';
import { wipe } from '../crypto/bytes.ts';
import type { OpenFile } from '../disk/file.ts';
import { type CheckedMessage, canFlow, checkAwsFile, decryptAwsInto } from '../envelope/aws/decrypt.ts';
import { readAwsHeader } from '../envelope/aws/header.ts';
import type { Keyring } from '../envelope/aws/keyring.ts';
import { awsBody } from '../envelope/aws/keys.ts';
import { readRange } from '../envelope/body.ts';
import { fileSource } from '../envelope/io.ts';
import { surveyFile, verifyFile } from '../envelope/salvage-scan.ts';
import { openAwsMessage } from './aws-keys.ts';
import type { JobCaller, JobServices } from './jobs.ts';
import type { OpenedFile } from './opened-file.ts';

/**
 * Opens the header of a file that holds an AWS Encryption SDK message. Ranges and salvage are for messages with
 * frames and without a signature: nothing of the others is released before all of it is verified.
 */
export async function openAwsFile(
  services: JobServices,
  by: JobCaller,
  file: OpenFile,
  keyring: Keyring | undefined,
): Promise<OpenedFile> {
  const { size } = await file.stat();
  const { header } = await readAwsHeader(fileSource(file, 0, size));
  const message = await openAwsMessage(services, by.caller, header, file.path, keyring);
  let once: Promise<CheckedMessage<OpenFile>> | undefined;
  const checked = () => {
    once ??= checkAwsFile(file, message, { signal: by.signal });
    return once;
  };
  // Frames of bearable length in a message without a signature: each stands for itself.
  const frames = canFlow(header) ? awsBody(message) : undefined;
  return {
    metadata: {},
    messageId: header.messageId,
    contentKind: 'file',
    notes: [],
    check: async () => (await checked()).plaintextLength,
    async verify(watch, onLength) {
      if (frames !== undefined) return verifyFile(file, frames, watch, onLength);
      const whole = await checked();
      onLength(whole.plaintextLength);
      return decryptAwsInto(whole, undefined, watch);
    },
    into: async (target, watch) => decryptAwsInto(await checked(), target, watch),
    async range(first, end, sink, watch) {
      const whole = header.suite.curve === undefined ? await checked() : undefined;
      if (whole?.way !== 'frames') throw allOrNothing(file.path, 'a part');
      return readRange(whole.frames, first, end, sink, watch);
    },
    async salvage(target, watch) {
      if (!header.suite.committing || frames === undefined) throw allOrNothing(file.path, 'what is left');
      return surveyFile(file, frames, target, watch);
    },
    wipe: () => wipe(message.payloadKey),
  };
}

function allOrNothing(path: string, what: string): KeywardError {
  return new KeywardError(
    'UnsupportedOperationException',
    `${path} can't give ${what} of its contents: it is signed, or of a kind that is verified only as a whole. Decrypt all of it.`,
    { path },
  );
}
