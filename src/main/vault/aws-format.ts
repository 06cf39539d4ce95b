import { fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import { wipe } from '../crypto/bytes.ts';
import { composeMessage, draftMessage, type WrittenSuite } from '../envelope/aws/compose.ts';
import { PUBLIC_KEY } from '../envelope/aws/context.ts';
import {
  canFlow,
  checkAwsFile,
  decryptAwsFile,
  decryptAwsInto,
  decryptAwsStream,
} from '../envelope/aws/decrypt.ts';
import { encryptAwsInto, encryptAwsStream } from '../envelope/aws/encrypt.ts';
import { type AwsHeader, readAwsHeader } from '../envelope/aws/header.ts';
import { type Keyring, keyringOpeners } from '../envelope/aws/keyring.ts';
import { awsBody, type OpenMessage } from '../envelope/aws/keys.ts';
import { unlockMessage } from '../envelope/aws/unlock.ts';
import { readRange } from '../envelope/body.ts';
import { afterPrefix, fileSource, type ReadableFile } from '../envelope/io.ts';
import { surveyFile, verifyFile } from '../envelope/salvage-scan.ts';
import { inspectAws } from './aws-inspect.ts';
import type { FileFormat, NewFile, NewFileJob, OpenedReadable } from './file-format.ts';
import { about, type JobCaller, type JobServices } from './jobs.ts';
import { localSlotOf } from './local-slot.ts';
import { messageKeyMaker, messageKeyOpener } from './message-keys.ts';
import { otherVault } from './slot-kinds.ts';

/**
 * Messages of the AWS Encryption SDK (docs/format.md 12). Ranges and salvage are for messages with frames and without a
 * signature: nothing of the others is released before all of it is verified.
 */
export const AWS_FORMAT: FileFormat = {
  async open(services, by, file, keyring) {
    const header = await headerOf(file);
    const message = await openMessage(services, by, header, file.path, keyring);
    const { checked, stream: _, ...common } = readable(file, message, by);
    // Frames of bearable length in a message without a signature: each stands for itself.
    const frames = canFlow(header) ? awsBody(message) : undefined;
    return {
      ...common,
      keys: header.edks.length,
      key() {
        const own = header.edks
          .map(localSlotOf)
          .find((slot) => slot !== undefined && services.kms.has(slot.keyId));
        if (own === undefined) throw noLocalKey(file.path);
        return own.keyId;
      },
      async verify(watch, onLength) {
        if (frames !== undefined) return verifyFile(file, frames, watch, onLength);
        const whole = await checked();
        onLength(whole.plaintextLength);
        return decryptAwsInto(whole, undefined, watch);
      },
      into: async (target, watch) => decryptAwsInto(await checked(), target, watch),
      async range(first, end, sink, watch) {
        const whole = header.suite.curve === undefined ? await checked() : undefined;
        if (whole?.way !== 'frames') throw allOrNothing(file.path, 'part');
        return readRange(whole.frames, first, end, sink, watch);
      },
      async salvage(target, watch) {
        if (!header.suite.committing || frames === undefined) throw allOrNothing(file.path, 'rest');
        return surveyFile(file, frames, target, watch);
      },
      async frames(watch) {
        const whole = await checked();
        if (whole.way !== 'frames') throw tooLong(file.path);
        // The frames of a signed message are given only when all of them are verified.
        if (header.suite.curve !== undefined) await decryptAwsInto(whole, undefined, watch);
        return whole.frames;
      },
    };
  },

  async openReadable(services, by, file, keyring) {
    const message = await openMessage(services, by, await headerOf(file), file.path, keyring);
    const { checked: _, ...common } = readable(file, message, by);
    return common;
  },

  async openStream(services, by, source, keyring) {
    const { header, rest } = await readAwsHeader(source);
    if (!canFlow(header)) {
      return { flows: false, whole: afterPrefix(Buffer.concat([header.bytes, rest]), source) };
    }
    const message = await openMessage(services, by, header, source.name, keyring);
    return {
      flows: true,
      contentKind: 'file',
      notes: [],
      flow: (sink, watch) => decryptAwsStream(message, afterPrefix(rest, source), sink, watch),
      wipe: () => wipe(message.payloadKey),
    };
  },

  inspect: inspectAws,
  async header(file, purpose) {
    throw purpose === 'rewrap' ? notInPlace(file.path) : noDataKey(file.path);
  },
  create: newMessage,
};

async function headerOf(file: ReadableFile): Promise<AwsHeader> {
  const { size } = await file.stat();
  return (await readAwsHeader(fileSource(file, 0, size))).header;
}

/** Opens an AWS message by the vault's keys, then by a keyring's. Throws as `unlockMessage` does. */
async function openMessage(
  services: JobServices,
  { caller }: JobCaller,
  header: AwsHeader,
  name: string,
  keyring: Keyring | undefined,
): Promise<OpenMessage> {
  const openers = [messageKeyOpener(services.kms, about(caller, name))];
  if (keyring !== undefined) openers.push(...keyringOpeners(keyring));
  try {
    return await unlockMessage(header, openers, keyring ?? {}, name);
  } catch (error) {
    const isOurs = header.edks.some((edk) => localSlotOf(edk) !== undefined);
    if (!isKeywardError(error, 'UnsupportedSlot') || !isOurs || services.newerKeys().length === 0)
      throw error;
    throw otherVault(name, services, error);
  }
}

function readable<F extends ReadableFile>(file: F, message: OpenMessage, { signal }: JobCaller) {
  const { header } = message;
  let once: ReturnType<typeof checkAwsFile<F>> | undefined;
  const checked = () => {
    once ??= checkAwsFile(file, message, { signal });
    return once;
  };
  const { [PUBLIC_KEY]: _, ...context } = header.context;
  const suite: WrittenSuite = header.suite.curve === undefined ? 0x0478 : 0x0578;
  const common: OpenedReadable = {
    metadata: {},
    messageId: header.messageId,
    kind: { context, contentKind: 'file', suite },
    notes: [],
    check: async () => (await checked()).plaintextLength,
    stream: async (sink, watch) => decryptAwsFile(await checked(), sink, watch),
    wipe: () => wipe(message.payloadKey),
  };
  return { ...common, checked };
}

/** Makes a message under a new data key of `job.key`. Name and times are not kept in it. */
async function newMessage(
  { kms }: JobServices,
  { caller }: Pick<JobCaller, 'caller'>,
  { key, context, suite }: NewFileJob,
): Promise<NewFile> {
  const draft = draftMessage(context, suite);
  const binding = { name: caller.file?.path ?? '', context: draft.context };
  const { dataKey, slot } = await messageKeyMaker(kms, caller, key).generate(binding);
  try {
    const message = composeMessage(draft, dataKey, [slot]);
    return {
      messageId: message.header.messageId,
      encryptFile: (source, length, target, watch) => encryptAwsInto(message, source, length, target, watch),
      encryptStream: (source, sink, watch) => encryptAwsStream(message, source, sink, watch),
      entry: () => undefined,
      wipe: () => wipe(message.payloadKey),
    };
  } finally {
    wipe(dataKey);
  }
}

function allOrNothing(path: string, what: 'part' | 'rest'): KeywardError {
  return fail('content-all-or-nothing', { path, what }, { path });
}

/** The header of an AWS message stands once, before the body: there is no way to replace it that survives a crash. */
function notInPlace(path: string): KeywardError {
  return fail('aws-header-stays', { path });
}

function noDataKey(path: string): KeywardError {
  return fail('aws-message-gives-no-data-key', { path });
}

function noLocalKey(path: string): KeywardError {
  return fail('no-local-key', { path });
}

function tooLong(path: string): KeywardError {
  return fail('aws-frame-too-long', { path });
}
