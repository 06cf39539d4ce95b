import type { EncryptionContext } from '../../../shared/context.ts';
import { fail, isKeywardError } from '../../../shared/errors.ts';
import type { DamageWhy } from '../../../shared/reasons/envelope.ts';
import { ByteReader, OutOfBytes } from '../bytes.ts';
import { damaged, notKeyward, truncated } from '../errors.ts';
import type { ByteSource, ReadableFile } from '../io.ts';
import { decodeAwsContext, PUBLIC_KEY } from './context.ts';
import { SUITES, type Suite } from './suites.ts';

/** An encrypted data key: the data key wrapped by one wrapping key. */
export type Edk = {
  /** The key's namespace, for AWS KMS `aws-kms`. */
  readonly providerId: string;
  /** What tells the key within it: a name, a name and an IV, an ARN. */
  readonly info: Buffer;
  readonly ciphertext: Buffer;
};

/**
 * The header of an AWS message as parsed: bounds are kept, nothing is authentic before `openAwsHeader`. The
 * buffers are views of `bytes`.
 */
export type AwsHeader = {
  readonly suite: Suite;
  /** 16 bytes in version 1, 32 in version 2. */
  readonly messageId: Buffer;
  readonly context: EncryptionContext;
  readonly edks: readonly Edk[];
  /** Bytes of plaintext in a regular frame; `undefined` for a body without frames. */
  readonly frameLength: number | undefined;
  /** What the data key is committed to, 32 bytes; none in suites that do not commit. */
  readonly commitment: Buffer | undefined;
  /** IV and tag of the header's authentication. */
  readonly iv: Buffer;
  readonly tag: Buffer;
  /** The whole header, authentication included. */
  readonly bytes: Buffer;
  /** The part of it that is authenticated. */
  readonly authenticated: Buffer;
  /** Where the body starts: the header's length. */
  readonly bodyAt: number;
};

/** Bounds of what is read; the defaults are 20 wrapped data keys and 1 MiB. */
export type HeaderBounds = { readonly mostEdks?: number; readonly mostBytes?: number };

const MAX_EDKS = 20;
const MAX_BYTES = 1 << 20;
const FIRST_READ = 4096;
const COMMITMENT_BYTES = 32;
const ZERO_IV = Buffer.alloc(12);

/** Whether a file that starts so may be an AWS message; four bytes are enough to tell. */
export function looksLikeAws(start: Uint8Array): boolean {
  return start.length >= 4 && suiteOf(new ByteReader(start)) !== undefined;
}

/** As `looksLikeAws`, of an open file. One whose start the disk can't read may still have a second native header. */
export async function isAwsFile(file: Pick<ReadableFile, 'read'>): Promise<boolean> {
  const start = Buffer.alloc(4);
  try {
    return looksLikeAws(start.subarray(0, await file.read(start, 0)));
  } catch (error) {
    if (isKeywardError(error, 'IoFailed')) return false;
    throw error;
  }
}

/**
 * Reads a header from the start of a source, a little at a time; `rest` is what was read beyond it. Throws
 * `NotKeywardFile`, `FileTruncated`, `FileDamaged`, and `HeaderTooLarge` beyond the bounds.
 */
export async function readAwsHeader(
  source: ByteSource,
  bounds: HeaderBounds = {},
): Promise<{ readonly header: AwsHeader; readonly rest: Buffer }> {
  const most = bounds.mostBytes ?? MAX_BYTES;
  let bytes: Buffer = Buffer.alloc(0);
  for (;;) {
    const want = Math.min(most, bytes.length === 0 ? FIRST_READ : bytes.length * 2) - bytes.length;
    if (want <= 0) throw fail('header-too-long', { path: source.name, most }, { path: source.name });
    const piece = Buffer.alloc(want);
    const got = await source.read(piece);
    bytes = Buffer.concat([bytes, piece.subarray(0, got)]);
    const header = parseAwsHeader(bytes, source.name, bounds);
    if (header !== undefined) return { header, rest: bytes.subarray(header.bodyAt) };
    if (got < want) throw truncated(source.name, bytes.length);
  }
}

/**
 * Parses the header that `bytes` start with; `undefined` if they end before it does. Throws as
 * `readAwsHeader` does.
 */
export function parseAwsHeader(
  bytes: Buffer,
  name: string,
  { mostEdks = MAX_EDKS }: HeaderBounds = {},
): AwsHeader | undefined {
  const reader = new ByteReader(bytes);
  const broken = (why: DamageWhy) => damaged(name, 0, reader.at, why);
  try {
    const suite = suiteOf(reader);
    if (suite === undefined) throw notKeyward(name);
    const messageId = reader.raw(suite.version === 1 ? 16 : 32);
    const context = decodeAwsContext(reader.sized());
    if (context === undefined) throw broken('context-malformed');
    if (Object.hasOwn(context, PUBLIC_KEY) !== (suite.curve !== undefined)) {
      throw broken('key-without-signature');
    }
    const count = reader.u16();
    if (count === 0) throw broken('no-wrapped-key');
    if (count > mostEdks)
      throw fail('too-many-wrapped-keys', { path: name, count, most: mostEdks }, { path: name });
    const edks = Array.from({ length: count }, () => readEdk(reader));
    if (!areWhole(edks)) throw broken('wrapped-key-name');

    const contentType = reader.u8();
    const reserved = suite.version === 1 ? reader.u32() : 0;
    const ivBytes = suite.version === 1 ? reader.u8() : 12;
    const frameLength = reader.u32();
    const framed = contentType === 2;
    if ((!framed && contentType !== 1) || reserved !== 0 || ivBytes !== 12 || framed !== frameLength > 0) {
      throw broken('body-unknown');
    }
    const commitment = suite.committing ? reader.raw(COMMITMENT_BYTES) : undefined;
    const authenticated = bytes.subarray(0, reader.at);
    const iv = suite.version === 1 ? reader.raw(12) : ZERO_IV;
    const tag = reader.raw(16);
    return {
      suite,
      messageId,
      context,
      edks,
      frameLength: framed ? frameLength : undefined,
      commitment,
      iv,
      tag,
      bytes: bytes.subarray(0, reader.at),
      authenticated,
      bodyAt: reader.at,
    };
  } catch (error) {
    if (error instanceof OutOfBytes) return undefined;
    throw error;
  }
}

function suiteOf(reader: ByteReader): Suite | undefined {
  const version = reader.u8();
  if (version !== 1 && version !== 2) return undefined;
  // Version 1 has a type after it: 80, customer authenticated encrypted data.
  if (version === 1 && reader.u8() !== 0x80) return undefined;
  const suite = SUITES.get(reader.u16());
  return suite?.version === version ? suite : undefined;
}

function readEdk(reader: ByteReader): { providerId: string | undefined; info: Buffer; ciphertext: Buffer } {
  return { providerId: textOf(reader.sized()), info: reader.sized(), ciphertext: reader.sized() };
}

function areWhole(edks: readonly { readonly providerId: string | undefined }[]): edks is readonly Edk[] {
  return edks.every(({ providerId }) => providerId !== undefined);
}

/** Text behind UTF-8 bytes; `undefined` if they are not. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
