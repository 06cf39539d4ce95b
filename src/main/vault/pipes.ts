import type { EncryptionContext } from '../../shared/context.ts';
import { wipe } from '../crypto/bytes.ts';
import type { WrittenSuite } from '../envelope/aws/compose.ts';
import { canFlow, checkAwsFile, decryptAwsFile, decryptAwsStream } from '../envelope/aws/decrypt.ts';
import { encryptAwsStream } from '../envelope/aws/encrypt.ts';
import { isAwsFile, looksLikeAws, readAwsHeader } from '../envelope/aws/header.ts';
import type { Keyring } from '../envelope/aws/keyring.ts';
import { checkFile, decryptFile } from '../envelope/body.ts';
import { newMessageId } from '../envelope/compose.ts';
import { readStreamHeader } from '../envelope/copies.ts';
import { decryptBody } from '../envelope/decrypt.ts';
import { encryptStream } from '../envelope/encrypt.ts';
import {
  afterPrefix,
  type ByteSink,
  type ByteSource,
  fileSource,
  type ReadableFile,
} from '../envelope/io.ts';
import { nativeBody } from '../envelope/message-body.ts';
import { stoppingAtAbort } from '../envelope/pipeline.ts';
import { newAwsMessage, openAwsMessage } from './aws-keys.ts';
import type { JobCaller, JobServices } from './jobs.ts';
import { sealHeader } from './new-header.ts';
import { openForReading, openState, refusePackage } from './open-header.ts';
import { withSpool } from './spool.ts';

/** Where bytes come from and go to; `keyring`: other people's keys, for AWS messages. */
export type Pipe = { readonly source: ByteSource; readonly sink: ByteSink; readonly keyring?: Keyring };

/** A stream to encrypt; `aws` makes it an AWS message. */
export type PipeJob = {
  readonly key: string;
  readonly context: EncryptionContext;
  readonly aws?: { readonly suite: WrittenSuite };
};

/** What came through a pipe: bytes of plaintext, and what is worth telling about it. */
export type Piped = { readonly bytes: number; readonly notes: string[] };

/**
 * Encrypts a stream to a stream; resolves to the bytes of plaintext. What was written is whole only if it
 * resolves.
 */
export async function encryptPipe(
  services: JobServices,
  job: PipeJob,
  by: JobCaller,
  { source, sink }: Pipe,
): Promise<number> {
  if (job.aws !== undefined) {
    const message = newAwsMessage(services, { ...job, ...job.aws }, by.caller);
    try {
      return (await encryptAwsStream(message, source, sink, watch(by, source))).plaintextLength;
    } finally {
      wipe(message.payloadKey);
    }
  }
  const { open } = await sealHeader(services.kms, job, by.caller, newMessageId(), {});
  try {
    const { plaintextLength } = await encryptStream(open, source, sink, watch(by, source));
    return plaintextLength;
  } finally {
    wipe(open.payloadKey);
  }
}

/**
 * Decrypts a stream of either format to a stream; verified frames flow as they come, and it throws after the last
 * good one. An AWS message that is verified only as a whole is kept first, as by `decryptBuffered`.
 */
export function decryptPipe(services: JobServices, by: JobCaller, pipe: Pipe): Promise<Piped> {
  return cancellable(by, pipe, () => decryptFlow(services, by, pipe));
}

/** Has a cancel end the wait for input also before frames flow. */
function cancellable<T>({ signal }: JobCaller, { source }: Pipe, act: () => Promise<T>): Promise<T> {
  return stoppingAtAbort(signal, (reason) => source.cancel?.(reason), act);
}

async function decryptFlow(services: JobServices, by: JobCaller, pipe: Pipe): Promise<Piped> {
  const { source, sink } = pipe;
  const start = Buffer.alloc(4);
  const got = start.subarray(0, await source.read(start));
  const whole = afterPrefix(got, source);
  if (looksLikeAws(got)) return decryptAwsPipe(services, by, { ...pipe, source: whole });
  const { state, body: frames } = await readStreamHeader(whole);
  const { open, notes } = await openState(services, by.caller, state, source.name, by.signal);
  try {
    refusePackage(state.header.contentKind, source.name);
    return { bytes: await decryptBody(nativeBody(open), frames, sink, watch(by, source)), notes };
  } finally {
    wipe(open.payloadKey);
  }
}

async function decryptAwsPipe(services: JobServices, by: JobCaller, pipe: Pipe): Promise<Piped> {
  const { source, sink, keyring } = pipe;
  const { header, rest } = await readAwsHeader(source);
  if (!canFlow(header)) {
    const prefix = Buffer.concat([header.bytes, rest]);
    return decryptSpooled(services, by, { ...pipe, source: afterPrefix(prefix, source) });
  }
  const message = await openAwsMessage(services, by.caller, header, source.name, keyring);
  try {
    const frames = afterPrefix(rest, source);
    return { bytes: await decryptAwsStream(message, frames, sink, watch(by, source)), notes: [] };
  } finally {
    wipe(message.payloadKey);
  }
}

/** As `decryptPipe`, but nothing flows before all of it is verified: the ciphertext is kept and gone over twice. */
export function decryptBuffered(services: JobServices, by: JobCaller, pipe: Pipe): Promise<Piped> {
  return cancellable(by, pipe, () => decryptSpooled(services, by, pipe));
}

async function decryptSpooled(
  services: JobServices,
  by: JobCaller,
  { source, sink, keyring }: Pipe,
): Promise<Piped> {
  return withSpool(services.home, source, async (spooled, size) => {
    const file = {
      path: source.name,
      read: (buffer: Uint8Array, at: number) => spooled.read(buffer, at),
      stat: () => spooled.stat(),
    };
    return (await isAwsFile(file))
      ? awsBuffered(services, by, file, size, { sink, keyring })
      : nativeBuffered(services, by, file, sink);
  });
}

async function nativeBuffered(
  services: JobServices,
  by: JobCaller,
  file: ReadableFile,
  sink: ByteSink,
): Promise<Piped> {
  const { open, notes, state } = await openForReading(services, by.caller, file, by.signal);
  try {
    refusePackage(state.header.contentKind, file.path);
    const checked = await checkFile(file, nativeBody(open));
    await decryptFile(checked, undefined, watch(by, { name: file.path }));
    return { bytes: await decryptFile(checked, sink, watch(by, { name: file.path })), notes };
  } finally {
    wipe(open.payloadKey);
  }
}

async function awsBuffered(
  services: JobServices,
  by: JobCaller,
  file: ReadableFile,
  size: number,
  { sink, keyring }: { readonly sink: ByteSink; readonly keyring: Keyring | undefined },
): Promise<Piped> {
  const { header } = await readAwsHeader(fileSource(file, 0, size));
  const message = await openAwsMessage(services, by.caller, header, file.path, keyring);
  try {
    const checked = await checkAwsFile(file, message, { signal: by.signal });
    await decryptAwsFile(checked, undefined, { signal: by.signal });
    return { bytes: await decryptAwsFile(checked, sink, watch(by, { name: file.path })), notes: [] };
  } finally {
    wipe(message.payloadKey);
  }
}

function watch(by: JobCaller, { name }: Pick<ByteSource, 'name'>) {
  return {
    signal: by.signal,
    onProgress: (done: number) => by.progress({ done, total: null, file: 1, files: 1, source: name }),
  };
}
