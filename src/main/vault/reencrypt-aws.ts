import { KeywardError } from '../../shared/errors.ts';
import type { WrittenSuite } from '../envelope/aws/compose.ts';
import { PUBLIC_KEY } from '../envelope/aws/context.ts';
import { checkAwsFile, decryptAwsInto } from '../envelope/aws/decrypt.ts';
import { encryptAwsStream } from '../envelope/aws/encrypt.ts';
import { readAwsHeader } from '../envelope/aws/header.ts';
import { fileSource } from '../envelope/io.ts';
import { newAwsMessage, openAwsMessage, ownSlotOf } from './aws-keys.ts';
import { about, type JobCaller, type JobServices } from './jobs.ts';
import type { Old, Reencryption, ReencryptTarget } from './reencrypt-types.ts';

/** Opens an AWS message and makes the header of a new one of the same context and kind: see `reencryptFiles`. */
export async function anewAws(
  services: JobServices,
  job: ReencryptTarget,
  by: JobCaller,
  { file, own, secrets }: Old,
): Promise<Reencryption> {
  const { path } = file;
  const { size } = await file.stat();
  const { header } = await readAwsHeader(fileSource(file, 0, size));
  const { suite, edks } = header;
  const slots = edks.map(ownSlotOf).filter((slot) => slot !== undefined);
  const key = job.key ?? slots.find(({ keyId }) => services.kms.has(keyId))?.keyId;
  if (key === undefined) throw noLocalKey(path);
  const opened = await openAwsMessage(services, by.caller, header, path, undefined);
  secrets.push(opened.payloadKey);
  const { signal } = by;
  const checked = await checkAwsFile(file, opened, { signal });
  if (checked.way !== 'frames') throw tooLong(path);
  // The frames of a signed message are given only when all of them are verified.
  if (suite.curve !== undefined) await decryptAwsInto(checked, undefined, { signal });
  const { [PUBLIC_KEY]: _old, ...context } = header.context;
  const written: WrittenSuite = suite.curve === undefined ? 0x0478 : 0x0578;
  await own.member.meet();
  const message = newAwsMessage(services, { key, context, suite: written }, about(by.caller, path));
  secrets.push(message.payloadKey);
  return {
    content: checked.frames,
    messageId: message.header.messageId,
    keys: edks.length,
    notes: [],
    encrypt: (source, sink, watch) => encryptAwsStream(message, source, sink, watch),
  };
}

function noLocalKey(path: string): KeywardError {
  return new KeywardError(
    'UnsupportedSlot',
    `${path} has no key of a vault on this machine. Say with --key under which key it is to be encrypted.`,
    { path },
  );
}

function tooLong(path: string): KeywardError {
  return new KeywardError(
    'UnsupportedOperationException',
    `${path} was made by another program, in a way that can't be read piece by piece. Decrypt it, then encrypt it again.`,
    { path },
  );
}
