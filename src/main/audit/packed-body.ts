import { uuidBytes, uuidText } from '../crypto/bytes.ts';

/*
 * Entries as they are stored (docs/adr/0007). An entry is JSON text; most entries consist of names of fields, ARNs, ids
 * in hexadecimal and a sealed path in base64, which take three quarters of their room. A stored entry begins with `{`,
 * then it is that text in UTF-8, or with PACKED, then it is a row of tokens:
 *
 *   02 ‖ 16 bytes             a UUID in lower case
 *   03 ‖ n ‖ n bytes          lower-case hexadecimal, n > 0
 *   04 ‖ n as u16 ‖ n bytes   base64 with padding
 *   05 ‖ ms as u48            a time as ISO 8601 in UTC with milliseconds
 *   06 ‖ k                    the k-th UUID or hexadecimal of this entry once more, from 0
 *   07 ‖ n ‖ n bytes          other bytes of UTF-8
 *   20 … 7f                   that character
 *   80 … ff                   a piece of PIECES, from 0
 *
 * Numbers are big-endian. Hash and MAC go over the stored bytes.
 */

const PACKED = 0x01;
const UUID = 0x02;
const HEX = 0x03;
const BASE64 = 0x04;
const TIME = 0x05;
const AGAIN = 0x06;
const OTHER = 0x07;
const PIECE = 0x80;

/** The year 10000, in ms since 1970. */
const LAST_TIME = 253_402_300_800_000;

/** What entries are made of. Pieces may be added at the end; none is ever changed. */
const PIECES: readonly string[] = [
  ...['{"eventID":"', '","eventTime":"', '","eventName":"', '","principal":"', '","readOnly":'],
  ...['true,"requestParameters":{', 'false,"requestParameters":{', '"keyId":"', '","keySpec":"AES_256'],
  ...['","encryptionAlgorithm":"SYMMETRIC_DEFAULT', '","encryptionContext":{', '"keyward:message-id":"'],
  ...['"}},"responseElements":{', '"keyMaterialId":"', '"sourceKeyMaterialId":"'],
  ...['","destinationKeyMaterialId":"', '"messageId":"', '","destinationKeyId":"'],
  ...['"},"eventType":"AwsApiCall","keyArns":["', '"},"eventType":"KeywardEvent","keyArns":["'],
  ...['"],"awsRegion":"', '","recipientAccountId":"', '","file":"', 'arn:aws:kms:', 'arn:aws:iam::', ':key/'],
  ...[':user/', 'local', '000000000000', 'alias/', 'my-files', 'GenerateDataKey', 'Decrypt', 'Encrypt'],
  ...['RewrapDataKey', ',"responseElements":null', ',"requestID":"', ',"sourceIPAddress":"127.0.0.1"'],
  ...[',"userAgent":"', ',"errorCode":"', ',"errorMessage":"', ',"additionalEventData":', '"}'],
];

/** The pieces by the code of their first character, longer ones first. */
const piecesBy = new Map<number, { readonly piece: string; readonly code: number }[]>();
for (const [n, piece] of PIECES.entries()) {
  const first = piece.charCodeAt(0);
  const same = [...(piecesBy.get(first) ?? []), { piece, code: PIECE + n }];
  piecesBy.set(
    first,
    same.sort((a, b) => b.piece.length - a.piece.length),
  );
}

const UUID_HERE = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/y;
const TIME_HERE = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/y;
const BASE64_HERE = /[A-Za-z0-9+/]+={0,2}/y;
const HEX_HERE = /(?:[0-9a-f]{2}){8,255}/y;
const OTHER_HERE = /[^\x20-\x7f]{1,63}/uy;

/** Before base64. */
const FILE = ',"file":"';

/** The stored form of an entry's JSON: packed where that is shorter and gives the same text again, else as it is. */
export function packBody(json: string): Buffer {
  const plain = Buffer.from(json);
  const packed = tokensOf(json);
  return packed.length < plain.length && unpackBody(packed) === json ? packed : plain;
}

/** The JSON text of a stored entry; `undefined` for bytes that `packBody` never gives. */
export function unpackBody(body: Buffer): string | undefined {
  if (body[0] !== PACKED) return body.toString();
  try {
    return new Unpacking(body).text();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Whether a stored entry is plain JSON. */
export function isPlainBody(body: Buffer): boolean {
  return body[0] !== PACKED;
}

/** One token after the other, from the left; of those that fit the first in this order. */
function tokensOf(json: string): Buffer {
  // No token is longer than two bytes more than its text.
  const out = Buffer.allocUnsafe(1 + 3 * Buffer.byteLength(json));
  const before = new Map<string, number>();
  let end = out.writeUInt8(PACKED, 0);
  for (let at = 0; at < json.length; ) {
    const char = json.charCodeAt(at);
    const known = piecesBy.get(char)?.find(({ piece }) => json.startsWith(piece, at));
    if (known !== undefined) {
      end = out.writeUInt8(known.code, end);
      at += known.piece.length;
      continue;
    }
    const { text, token } = longTokenAt(json, at, char, before) ?? { text: json[at], token: char };
    if (typeof token === 'number') end = out.writeUInt8(token, end);
    else end += token.copy(out, end);
    at += text?.length ?? 1;
  }
  return Buffer.from(out.subarray(0, end));
}

/** The token of more than one character at a place that no piece stands at, with its text. `before`: what was written so far. */
function longTokenAt(
  json: string,
  at: number,
  char: number,
  before: Map<string, number>,
): { readonly text: string; readonly token: Buffer } | undefined {
  const repeated = (text: string, bytes: () => Buffer) => {
    const place = before.get(text);
    if (place !== undefined && place < 256) return { text, token: Buffer.of(AGAIN, place) };
    if (place === undefined) before.set(text, before.size);
    return { text, token: bytes() };
  };
  if (char < 0x20 || char > 0x7f) {
    const text = textAt(OTHER_HERE, json, at) ?? '';
    const bytes = Buffer.from(text);
    return { text, token: Buffer.concat([Buffer.of(OTHER, bytes.length), bytes]) };
  }
  const isHex = (char >= 0x30 && char <= 0x39) || (char >= 0x61 && char <= 0x66);
  if (isHex) {
    const uuid = json[at + 8] === '-' ? textAt(UUID_HERE, json, at) : undefined;
    if (uuid !== undefined)
      return repeated(uuid, () => Buffer.concat([Buffer.of(UUID), uuidBytes(uuid) ?? Buffer.alloc(16)]));
    const time = json[at + 4] === '-' ? textAt(TIME_HERE, json, at) : undefined;
    if (time !== undefined) return { text: time, token: timeToken(time) };
  }
  const isFile = at >= FILE.length && json[at - 1] === '"' && json.startsWith(FILE, at - FILE.length);
  const base64 = isFile ? textAt(BASE64_HERE, json, at) : undefined;
  if (base64 !== undefined) return { text: base64, token: base64Token(base64) };
  const hex = isHex ? textAt(HEX_HERE, json, at) : undefined;
  if (hex === undefined) return undefined;
  return repeated(hex, () => Buffer.concat([Buffer.of(HEX, hex.length / 2), Buffer.from(hex, 'hex')]));
}

/** What an expression finds at this very place. */
function textAt(sticky: RegExp, json: string, at: number): string | undefined {
  sticky.lastIndex = at;
  return sticky.exec(json)?.[0];
}

function timeToken(text: string): Buffer {
  const at = Date.parse(text);
  if (!(at >= 0)) return Buffer.from(text);
  const bytes = Buffer.alloc(7, TIME);
  bytes.writeUIntBE(at, 1, 6);
  return bytes;
}

function base64Token(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text || bytes.length > 0xffff) return Buffer.from(text);
  return Buffer.concat([Buffer.of(BASE64, bytes.length >> 8, bytes.length & 0xff), bytes]);
}

class Unpacking {
  readonly #body: Buffer;
  readonly #before: string[] = [];
  #at = 1;

  constructor(body: Buffer) {
    this.#body = body;
  }

  /** Throws `RangeError` for what is no row of tokens. */
  text(): string {
    const parts: string[] = [];
    while (this.#at < this.#body.length) parts.push(this.#token());
    return parts.join('');
  }

  #token(): string {
    const kind = this.#number(1);
    if (kind >= PIECE) return known(PIECES[kind - PIECE]);
    if (kind >= 0x20) return String.fromCharCode(kind);
    switch (kind) {
      case UUID:
        return this.#noted(uuidText(this.#body.subarray(this.#at, this.#passed(16))));
      case HEX:
        return this.#noted(this.#text(this.#number(1), 'hex'));
      case BASE64:
        return this.#text(this.#number(2), 'base64');
      case TIME:
        return timeText(this.#number(6));
      case AGAIN:
        return known(this.#before[this.#number(1)]);
      case OTHER:
        return this.#text(this.#number(1), 'utf8');
      default:
        return known(undefined);
    }
  }

  #noted(text: string): string {
    this.#before.push(text);
    return text;
  }

  #number(length: number): number {
    const at = this.#at;
    this.#passed(length);
    return length === 1 ? (this.#body[at] ?? 0) : this.#body.readUIntBE(at, length);
  }

  #text(length: number, encoding: 'hex' | 'base64' | 'utf8'): string {
    const at = this.#at;
    return this.#body.toString(encoding, at, this.#passed(length));
  }

  /** Goes on behind so many bytes; gives where that is. */
  #passed(length: number): number {
    const end = this.#at + length;
    if (end > this.#body.length) throw new RangeError('The entry ends too early.');
    this.#at = end;
    return end;
  }
}

/** Years of four digits only: other text would be longer. */
function timeText(at: number): string {
  return known(at < LAST_TIME ? new Date(at).toISOString() : undefined);
}

function known(text: string | undefined): string {
  if (text === undefined) throw new RangeError('The entry has a token that means nothing.');
  return text;
}
