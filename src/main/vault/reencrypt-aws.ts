import { KeywardError } from '../../shared/errors.ts';
import { wipe } from '../crypto/bytes.ts';
import type { OpenFile } from '../disk/file.ts';
import type { WrittenSuite } from '../envelope/aws/compose.ts';
import { PUBLIC_KEY } from '../envelope/aws/context.ts';
import { checkAwsFile, decryptAwsInto } from '../envelope/aws/decrypt.ts';
import { encryptAwsStream } from '../envelope/aws/encrypt.ts';
import { readAwsHeader } from '../envelope/aws/header.ts';
import { fileSink, fileSource } from '../envelope/flow.ts';
import { plaintextSource } from '../envelope/plaintext.ts';
import { newAwsMessage, openAwsMessage, ownSlotOf } from './aws-keys.ts';
import { requireUnchanged } from './encrypt.ts';
import { about, filling, type JobCaller, type JobRooms } from './jobs.ts';
import { AtomicOutput } from './output.ts';
import type { FileProgress } from './progress.ts';
import type { ReencryptJob } from './reencrypt.ts';
import type { Outcome } from './runner.ts';

/** Replaces an AWS message by a new one of the same content, context and kind: see `reencryptFiles`. */
export async function reencryptAws(
  rooms: JobRooms,
  job: ReencryptJob,
  by: JobCaller,
  file: OpenFile,
  progress: FileProgress,
): Promise<Outcome> {
  const { path } = file;
  const before = await file.stat();
  const { header } = await readAwsHeader(fileSource(file, 0, before.size));
  const own = header.edks.map(ownSlotOf).find((slot) => slot !== undefined);
  const key = job.key ?? own?.keyId;
  if (key === undefined) throw noLocalKey(path);
  const opened = await openAwsMessage(rooms, by.caller, header, path, undefined);
  try {
    const { signal } = by;
    const checked = await checkAwsFile(file, opened, { signal });
    if (checked.way !== 'frames') throw tooLong(path);
    progress.resize(checked.plaintextLength);
    // The frames of a signed message are given only when all of them are verified.
    if (header.suite.curve !== undefined) await decryptAwsInto(checked, undefined, { signal });
    const suite: WrittenSuite = header.suite.curve === undefined ? 0x0478 : 0x0578;
    const { [PUBLIC_KEY]: _old, ...context } = header.context;
    const message = newAwsMessage(rooms, { key, context, suite }, about(by.caller, path));
    try {
      const { messageId } = message.header;
      const output = await AtomicOutput.open(path, { ...rooms, overwrite: true, messageId });
      return await filling(output, async () => {
        const source = plaintextSource(checked.frames);
        try {
          const { plaintextLength } = await encryptAwsStream(message, source, fileSink(output.file), {
            signal,
            onProgress: (done) => progress.advance(done),
          });
          await requireUnchanged(file, before);
          await output.place();
          return { output: path, bytes: plaintextLength };
        } finally {
          source.wipe();
        }
      });
    } finally {
      wipe(message.payloadKey);
    }
  } finally {
    wipe(opened.payloadKey);
  }
}

/** `UnsupportedSlot` for a file without a key of this machine, when no other was named. */
export function noLocalKey(path: string): KeywardError {
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
