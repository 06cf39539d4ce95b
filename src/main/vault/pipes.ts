import type { EncryptionContext } from '../../shared/context.ts';
import type { WrittenSuite } from '../envelope/aws/compose.ts';
import type { Keyring } from '../envelope/aws/keyring.ts';
import type { ByteSink, ByteSource } from '../envelope/io.ts';
import { stoppingAtAbort } from '../envelope/pipeline.ts';
import type { Kind } from './file-format.ts';
import { formatFor, formatOf, openAnyStream } from './formats.ts';
import type { JobCaller, JobServices, Piped } from './jobs.ts';
import { refusePackage } from './open-header.ts';
import { withSpool } from './spool.ts';

/** Where bytes come from and go to; `keyring`: other people's keys, for AWS messages. */
type Pipe = { readonly source: ByteSource; readonly sink: ByteSink; readonly keyring?: Keyring };

/** A stream to encrypt; `aws` makes it an AWS message. */
type PipeJob = {
  readonly key: string;
  readonly context: EncryptionContext;
  readonly aws?: { readonly suite: WrittenSuite };
};

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
  const kind: Kind = { context: job.context, contentKind: 'file', ...job.aws };
  const file = await formatFor(kind).create(services, by, { ...kind, key: job.key, metadata: {} });
  try {
    const { plaintextLength } = await file.encryptStream(source, sink, watch(by, source));
    return plaintextLength;
  } finally {
    file.wipe();
  }
}

/**
 * Decrypts a stream of either format to a stream; verified frames flow as they come, and it throws after the last
 * good one. An AWS message that is verified only as a whole is kept first, as by `decryptBuffered`.
 */
export function decryptPipe(services: JobServices, by: JobCaller, pipe: Pipe): Promise<Piped> {
  return cancellable(by, pipe, () => decryptFlow(services, by, pipe));
}

/** Lets a cancel end the wait for input even before the first frame. */
function cancellable<T>({ signal }: JobCaller, { source }: Pipe, act: () => Promise<T>): Promise<T> {
  return stoppingAtAbort(signal, (reason) => source.cancel?.(reason), act);
}

async function decryptFlow(services: JobServices, by: JobCaller, pipe: Pipe): Promise<Piped> {
  const { source, sink, keyring } = pipe;
  const opened = await openAnyStream(services, by, source, keyring);
  if (!opened.flows) return decryptSpooled(services, by, { ...pipe, source: opened.whole });
  try {
    refusePackage(opened.contentKind, source.name);
    return { bytes: await opened.flow(sink, watch(by, source)), notes: [...opened.notes] };
  } finally {
    opened.wipe();
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
  return withSpool(services.home, source, async (spooled) => {
    const file = {
      path: source.name,
      read: (buffer: Uint8Array, at: number) => spooled.read(buffer, at),
      stat: () => spooled.stat(),
    };
    const opened = await (await formatOf(file)).openReadable(services, by, file, keyring);
    try {
      refusePackage(opened.kind.contentKind, source.name);
      await opened.stream(undefined, watch(by, source));
      return { bytes: await opened.stream(sink, watch(by, source)), notes: [...opened.notes] };
    } finally {
      opened.wipe();
    }
  });
}

function watch(by: JobCaller, { name }: Pick<ByteSource, 'name'>) {
  return {
    signal: by.signal,
    onProgress: (done: number) => by.progress({ done, total: null, file: 1, files: 1, source: name }),
  };
}
