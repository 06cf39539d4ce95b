import { randomBytes } from '../../../src/main/crypto/bytes.ts';
import { sha256 } from '../../../src/main/crypto/hash.ts';
import type { FileFacts } from '../../../src/main/disk/file.ts';
import { checkFile, decryptFile } from '../../../src/main/envelope/body.ts';
import { type NewHeader, newHeader, newMessageId } from '../../../src/main/envelope/compose.ts';
import { encryptStream } from '../../../src/main/envelope/encrypt.ts';
import { readHeader } from '../../../src/main/envelope/header-copies.ts';
import {
  type ByteSink,
  type ByteSource,
  fileSource,
  type ReadableFile,
} from '../../../src/main/envelope/io.ts';
import { nativeBody } from '../../../src/main/envelope/native-body.ts';
import { openHeader } from '../../../src/main/envelope/open.ts';
import type { LocalSlot } from '../../../src/main/envelope/slots.ts';

export const FRAME = 4096;
export const AREA = 4096;

/** A local slot with a blob of the right shape; nothing unwraps it. */
export function localSlot(fill = 7): LocalSlot {
  const key = Buffer.alloc(16, fill);
  const version = Buffer.alloc(32, fill + 1);
  const wrapped = Buffer.concat([Uint8Array.of(1), key, version, Buffer.alloc(80, fill + 2)]);
  const hex = key.toString('hex');
  const keyId = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
    '-',
  );
  return { kind: 'local', keyId, versionId: version.toString('hex'), wrapped };
}

/** Input for `newHeader` with everything filled in. */
export function headerInput(over: Partial<NewHeader> = {}): NewHeader {
  return {
    messageId: newMessageId(),
    dataKey: randomBytes(32),
    context: { purpose: 'test' },
    slots: [localSlot()],
    metadata: { name: 'letter.txt', modified: 1_700_000_000_123_456_789n, mode: 0o640 },
    frameLength: FRAME,
    ...over,
  };
}

/** A file in memory. */
export function memoryFile(bytes: Buffer, path = 'letter.txt.keyward'): ReadableFile {
  return {
    path,
    async read(buffer, position) {
      const part = bytes.subarray(position, position + buffer.length);
      buffer.set(part);
      return part.length;
    },
    async stat(): Promise<FileFacts> {
      const zero = { device: 0n, inode: 0n, links: 1, mode: 0, modified: 0n, changed: 0n, born: 0n };
      return { kind: 'file', owner: 0, group: 0, size: bytes.length, ...zero };
    },
  };
}

/** A source over bytes in memory. */
export function memorySource(bytes: Buffer): ByteSource {
  return fileSource(memoryFile(bytes, 'letter.txt'), 0, bytes.length);
}

/** A sink that keeps a copy of all it was given. */
export function memorySink(): ByteSink & { bytes(): Buffer } {
  const parts: Buffer[] = [];
  return {
    write: async (bytes) => {
      parts.push(Buffer.from(bytes));
    },
    bytes: () => Buffer.concat(parts),
  };
}

/** A whole native file in memory. */
export async function encryptBytes(plaintext: Buffer, over: Partial<NewHeader> = {}) {
  const input = headerInput(over);
  const sink = memorySink();
  const result = await encryptStream(newHeader(input), memorySource(plaintext), sink);
  return { file: sink.bytes(), dataKey: input.dataKey, input, result };
}

/** Opens and decrypts a whole native file in memory. */
export async function decryptBytes(bytes: Buffer, dataKey: Buffer) {
  const file = memoryFile(bytes);
  const state = await readHeader(file);
  const open = openHeader(state.header, dataKey, file.path);
  const sink = memorySink();
  await decryptFile(await checkFile(file, nativeBody(open)), sink);
  return { plaintext: sink.bytes(), state, metadata: open.metadata };
}

/** A checked file in memory, for ranges. */
export async function checkBytes(bytes: Buffer, dataKey: Buffer) {
  const file = memoryFile(bytes);
  const state = await readHeader(file);
  return checkFile(file, nativeBody(openHeader(state.header, dataKey, file.path)));
}

/** Makes the checksum of an area right again, as someone without any key can. */
export function fixChecksum(area: Buffer): Buffer {
  sha256(area.subarray(0, area.length - 32)).copy(area, area.length - 32);
  return area;
}

/** Bytes that differ from frame to frame. */
export function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8) * 7) & 0xff;
  return bytes;
}
