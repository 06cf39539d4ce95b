import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { fail, type KeywardError } from '../../shared/errors.ts';

/*
 * Bytes over a connection, the same way up and down: pieces of u32be length ‖ bytes, ended by a length of
 * zero. The end is always said, so that a process that died is never taken for the end of its input, and
 * the two directions end on their own, on named pipes too, which cannot be half closed.
 */

/** Longest piece, in bytes. */
const MAX_PIECE = 16 * 1024 * 1024;

/** A stream that sends what it is given as pieces; ending it sends the end, and leaves the socket open. */
export function pieceWriter(socket: Socket): Writable {
  const writer = new Writable({
    highWaterMark: 1024 * 1024,
    write(chunk: Buffer, _encoding, done) {
      sendPieces(socket, chunk, done);
    },
    final(done) {
      socket.write(Buffer.alloc(4), (error) => done(error ?? null));
    },
  });
  socket.once('close', () => writer.destroy(writer.writableFinished ? undefined : wentAway()));
  writer.on('error', () => undefined);
  return writer;
}

/** Done when the system has taken the bytes: until then the caller's buffer is in use. */
function sendPieces(socket: Socket, chunk: Buffer, done: (error?: Error | null) => void): void {
  const piece = chunk.subarray(0, MAX_PIECE);
  const rest = chunk.subarray(MAX_PIECE);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(piece.length);
  if (piece.length === 0 || socket.destroyed) {
    done(socket.destroyed ? wentAway() : null);
    return;
  }
  socket.cork();
  socket.write(length);
  socket.write(piece, (error) => {
    if (error || rest.length === 0) done(error ?? null);
    else sendPieces(socket, rest, done);
  });
  socket.uncork();
}

/**
 * The bytes that the other end sends, up to its end; `before` are bytes already read from the socket. Throws
 * `Cancelled` when the connection breaks before the end was said. The socket stays open.
 */
export async function* pieces(socket: Socket, before: Buffer): AsyncGenerator<Buffer> {
  let left = 0;
  let head = Buffer.alloc(0);
  for await (const chunk of chunksOf(socket, before)) {
    let rest = chunk;
    while (rest.length > 0) {
      if (left > 0) {
        const part = rest.subarray(0, left);
        left -= part.length;
        rest = rest.subarray(part.length);
        yield part;
        continue;
      }
      const need = 4 - head.length;
      head = Buffer.concat([head, rest.subarray(0, need)]);
      rest = rest.subarray(need);
      if (head.length < 4) break;
      left = head.readUInt32BE();
      head = Buffer.alloc(0);
      if (left === 0) {
        // Nothing more is expected; flowing on lets the socket notice its close.
        socket.resume();
        return;
      }
      if (left > MAX_PIECE) throw fail('stream-piece-too-large');
    }
  }
  throw wentAway();
}

async function* chunksOf(socket: Socket, before: Buffer): AsyncGenerator<Buffer> {
  if (before.length > 0) yield before;
  try {
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
  } catch {
    // A broken connection: the caller sees that the end was never said.
  }
}

function wentAway(): KeywardError {
  return fail('stream-broken-off');
}
