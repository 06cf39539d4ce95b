import type { EncryptionContext } from '../../shared/context.ts';
import { wipe } from '../crypto/bytes.ts';
import { checkFile, decryptFile } from '../envelope/body.ts';
import { newMessageId } from '../envelope/compose.ts';
import { readStreamHeader } from '../envelope/copies.ts';
import { decryptBody } from '../envelope/decrypt.ts';
import { encryptStream } from '../envelope/encrypt.ts';
import type { ByteSink, ByteSource } from '../envelope/flow.ts';
import { nativeBody } from '../envelope/message-body.ts';
import type { JobCaller, JobRooms } from './jobs.ts';
import { openForReading, openState } from './opening.ts';
import { sealHeader } from './sealing.ts';
import { withSpool } from './spool.ts';

/** Where bytes come from and go to. */
export type Pipe = { readonly source: ByteSource; readonly sink: ByteSink };

/** What came through a pipe: bytes of plaintext, and what is worth telling about it. */
export type Piped = { readonly bytes: number; readonly notes: string[] };

/**
 * Encrypts a stream to a stream; resolves to the bytes of plaintext. What was written is whole only if it
 * resolves.
 */
export async function encryptPipe(
  rooms: JobRooms,
  job: { readonly key: string; readonly context: EncryptionContext },
  by: JobCaller,
  { source, sink }: Pipe,
): Promise<number> {
  const { open } = await sealHeader(rooms, job, by.caller, newMessageId(), {});
  try {
    const { plaintextLength } = await encryptStream(open, source, sink, watch(by, source));
    return plaintextLength;
  } finally {
    wipe(open.payloadKey);
  }
}

/** Decrypts a stream to a stream; verified frames flow as they come, and it throws after the last good one. */
export async function decryptPipe(rooms: JobRooms, by: JobCaller, { source, sink }: Pipe): Promise<Piped> {
  const { state, body: frames } = await readStreamHeader(source);
  const { open, notes } = await openState(rooms, by.caller, state, source.name, by.signal);
  try {
    return { bytes: await decryptBody(nativeBody(open), frames, sink, watch(by, source)), notes };
  } finally {
    wipe(open.payloadKey);
  }
}

/** As `decryptPipe`, but nothing flows before all of it is verified: the ciphertext is kept and gone over twice. */
export async function decryptBuffered(
  rooms: JobRooms,
  by: JobCaller,
  { source, sink }: Pipe,
): Promise<Piped> {
  return withSpool(rooms.home, source, async (spooled) => {
    const file = {
      path: source.name,
      read: (buffer: Uint8Array, at: number) => spooled.read(buffer, at),
      stat: () => spooled.stat(),
    };
    const { open, notes } = await openForReading(rooms, by.caller, file, by.signal);
    try {
      const checked = await checkFile(file, nativeBody(open));
      await decryptFile(checked, undefined, watch(by, source));
      return { bytes: await decryptFile(checked, sink, watch(by, source)), notes };
    } finally {
      wipe(open.payloadKey);
    }
  });
}

function watch(by: JobCaller, { name }: ByteSource) {
  return {
    signal: by.signal,
    onProgress: (done: number) => by.progress({ done, total: null, file: 1, files: 1, source: name }),
  };
}
