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

const escaped = [...PIECES]
  .sort((a, b) => b.length - a.length)
  .map((piece) => piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));

/** One token after the other, from the left. */
const TOKENS = new RegExp(
  [
    `(?<piece>${escaped.join('|')})`,
    '(?<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})',
    '(?<time>\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z)',
    '(?<base64>(?<=,"file":")[A-Za-z0-9+/]+={0,2})',
    '(?<hex>(?:[0-9a-f]{2}){8,255})',
    '(?<plain>[\\x20-\\x7f])',
    '(?<other>[^\\x20-\\x7f]{1,63})',
  ].join('|'),
  'gu',
);

const codes = new Map(PIECES.map((piece, n) => [piece, Buffer.of(PIECE + n)]));

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

function tokensOf(json: string): Buffer {
  const parts: Buffer[] = [Buffer.of(PACKED)];
  const before = new Map<string, number>();
  const repeated = (text: string, bytes: () => Buffer) => {
    const place = before.get(text);
    if (place !== undefined && place < 256) return Buffer.of(AGAIN, place);
    if (place === undefined) before.set(text, before.size);
    return bytes();
  };
  for (const { 0: text, groups = {} } of json.matchAll(TOKENS)) {
    const { piece, uuid, time, base64, hex } = groups;
    if (piece !== undefined) parts.push(codes.get(piece) ?? Buffer.alloc(0));
    else if (uuid !== undefined) {
      parts.push(repeated(uuid, () => Buffer.concat([Buffer.of(UUID), uuidBytes(uuid) ?? Buffer.alloc(16)])));
    } else if (hex !== undefined) {
      parts.push(
        repeated(hex, () => Buffer.concat([Buffer.of(HEX, hex.length / 2), Buffer.from(hex, 'hex')])),
      );
    } else if (time !== undefined) parts.push(timeToken(time));
    else if (base64 !== undefined) parts.push(base64Token(base64));
    else if (groups['plain'] !== undefined) parts.push(Buffer.from(text));
    else {
      const bytes = Buffer.from(text);
      parts.push(Buffer.of(OTHER, bytes.length), bytes);
    }
  }
  return Buffer.concat(parts);
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
        return this.#noted(uuidText(this.#bytes(16)));
      case HEX:
        return this.#noted(this.#bytes(this.#number(1)).toString('hex'));
      case BASE64:
        return this.#bytes(this.#number(2)).toString('base64');
      case TIME:
        return timeText(this.#number(6));
      case AGAIN:
        return known(this.#before[this.#number(1)]);
      case OTHER:
        return this.#bytes(this.#number(1)).toString();
      default:
        return known(undefined);
    }
  }

  #noted(text: string): string {
    this.#before.push(text);
    return text;
  }

  #number(length: number): number {
    return this.#bytes(length).readUIntBE(0, length);
  }

  #bytes(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#body.length) throw new RangeError('The entry ends too early.');
    const bytes = this.#body.subarray(this.#at, end);
    this.#at = end;
    return bytes;
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
