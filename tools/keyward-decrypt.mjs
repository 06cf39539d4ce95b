#!/usr/bin/env node
// Decrypts one file with exported keys or an opened backup, without Keyward: native files and AWS Encryption SDK messages, as
// docs/format.md specifies them; the numbers of sections below are those of that page. One file without
// dependencies, for Node 18 or newer: read it before you trust it.
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE = `Usage: node keyward-decrypt.mjs --key FILE [--key FILE …] [--out FILE] ENCRYPTED-FILE
       node keyward-decrypt.mjs --identity-from-phrase FILE [--kind hybrid|x25519]

  --key FILE              what "keyward keys export-material" wrote, a keyring of raw AES keys, or a backup
                          that age has opened
  --passphrase-file FILE  the passphrase of wrapped exports
  --out FILE              where to; by default the name without ".keyward", else with ".decrypted".
                          - is standard output: the file is read twice, and nothing is given before all of it
                          is verified
  --identity-from-phrase FILE
                          print the age identity of a recovery phrase (24 words in a file; - is standard
                          input), which opens the backups of its vault: keep what is printed secret
  --kind KIND             of backups of this kind, as the manifest beside one says: hybrid (the default,
                          for age 1.3 and newer) or x25519
  --help                  this

Nothing is overwritten. The plaintext has its name only when all of it is verified; until then it is
keyward-decrypt-….partial beside it. A kill -9 leaves that behind: delete it.

A message of the AWS Encryption SDK whose suite does not commit to one key is opened only with a keyring that
says "allowNonCommitting": true.

Exit codes: 0 decrypted; 1 the disk, a name that is taken, or stopped; 2 wrong use, or a key file that can't be
used; 5 the file was refused: damaged, cut, of another key, of a newer format, or not an encrypted file.`;

/** Why nothing was decrypted. `code` is the answer of section 10, `exit` the exit code. */
class Refusal extends Error {
  constructor(code, why, exit = 5) {
    super(`${code}: ${why}`);
    this.code = code;
    this.exit = exit;
  }
}

const damaged = (why) => new Refusal('FileDamaged', `The file is damaged. ${why} Use another copy of it.`);
const truncated = () => new Refusal('FileTruncated', 'The file ends too early. Fetch it again.');
const usage = (why) => new Refusal('Usage', why, 2);

/** What `act` gives, or undefined if it throws. */
function attempt(act) {
  try {
    return act();
  } catch {
    return undefined;
  }
}

// ---- Bytes (section 2)

const ZERO_IV = Buffer.alloc(12);
const bytesOf = (text) => Buffer.from(text, 'utf8');
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Text behind UTF-8 bytes; undefined if they are malformed. */
const textOf = (bytes) => attempt(() => strictUtf8.decode(bytes));

/** A number as so many bytes, big-endian. */
function uint(value, size) {
  return Buffer.from(
    BigInt(value)
      .toString(16)
      .padStart(2 * size, '0'),
    'hex',
  );
}

const sized = (bytes) => Buffer.concat([uint(bytes.length, 2), bytes]);
const hash = (name, ...parts) => parts.reduce((h, part) => h.update(part), crypto.createHash(name)).digest();
const hkdf = (name, ikm, salt, info, length) => Buffer.from(crypto.hkdfSync(name, ikm, salt, info, length));
const equal = (a, b) => a.length === b.length && crypto.timingSafeEqual(a, b);

function decipherOf(key, iv, aad) {
  return crypto.createDecipheriv(`aes-${8 * key.length}-gcm`, key, iv, { authTagLength: 16 }).setAAD(aad);
}

/** Opens ciphertext ‖ tag; undefined if it is not authentic. */
function openSealed(key, iv, aad, sealed) {
  if (sealed.length < 16) return undefined;
  const decipher = decipherOf(key, iv, aad).setAuthTag(sealed.subarray(-16));
  return attempt(() => Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]));
}

/** Thrown by `Fields` where bytes end before a field does. */
class OutOfBytes extends Error {}

/** Takes fields off the front of bytes, big-endian. */
class Fields {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }
  raw(length) {
    if (length > this.left()) throw new OutOfBytes();
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
  uint(size) {
    return this.raw(size).readUIntBE(0, size);
  }
  sized() {
    return this.raw(this.uint(2));
  }
  left() {
    return this.bytes.length - this.at;
  }
}

// ---- The encrypted file

/** An open file: `read` gives bytes from a place on, fewer only where the file ends. */
function openSource(path) {
  if (!fs.statSync(path).isFile()) throw usage(`${path} is not a file.`);
  const fd = fs.openSync(path, 'r');
  return {
    size: fs.fstatSync(fd).size,
    read(at, length) {
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, this.size - at)));
      let done = 0;
      while (done < bytes.length) {
        const got = fs.readSync(fd, bytes, done, bytes.length - done, at + done);
        if (got === 0) break;
        done += got;
      }
      return bytes.subarray(0, done);
    },
  };
}

/** So many bytes, or `FileTruncated`. */
function readAll(file, at, length) {
  const bytes = file.read(at, length);
  if (bytes.length < length) throw truncated();
  return bytes;
}

const PAGE = 4096;
const MAX_AREA = 16 * PAGE;

/** The first bytes of a file, with zeros for pages that the disk can't read, and what it said of these. */
function readStart(file) {
  const length = Math.min(2 * MAX_AREA, file.size);
  try {
    return { start: file.read(0, length), failure: undefined };
  } catch (failure) {
    const pages = [];
    for (let at = 0; at < length; at += PAGE) {
      const page = Math.min(PAGE, length - at);
      pages.push(attempt(() => file.read(at, page)) ?? Buffer.alloc(page));
    }
    return { start: Buffer.concat(pages), failure };
  }
}

// ---- Native files: the header (sections 3 to 7)

const MAGIC = Buffer.from('KEYWARD\n');
const RESERVED_NAMES = ['keyward:', 'aws-crypto-'];
const MAX_CONTEXT = 8000;
const isAreaLength = (length) => length >= PAGE && length <= MAX_AREA && length % PAGE === 0;
const isZeros = (bytes) => bytes.every((byte) => byte === 0);

/** The pairs of a canonical context (2.1) that a user may have given (3.1); undefined for anything else. */
function readNativeContext(bytes) {
  if (bytes.length === 0) return [];
  const fields = new Fields(bytes);
  const pairs = [];
  for (let left = fields.uint(2); left > 0; left--) pairs.push([fields.sized(), fields.sized()]);
  const isOrdered = pairs.every(([name], i) => i === 0 || Buffer.compare(pairs[i - 1][0], name) < 0);
  const isText = pairs.every(([name, value]) => {
    const key = textOf(name);
    const isFree = key && !RESERVED_NAMES.some((reserved) => key.toLowerCase().startsWith(reserved));
    return isFree && textOf(value) !== undefined;
  });
  const isWhole = pairs.length > 0 && fields.left() === 0 && bytes.length <= MAX_CONTEXT;
  return isWhole && isOrdered && isText ? pairs : undefined;
}

/** The canonical bytes of pairs. */
function nativeContextBytes(pairs) {
  const sorted = [...pairs].sort(([a], [b]) => Buffer.compare(a, b));
  const parts = sorted.flat().map(sized);
  return Buffer.concat(pairs.length > 0 ? [uint(pairs.length, 2), ...parts] : []);
}

/** A slot by its kind (section 5); undefined for one of a wrong shape. */
function readSlot(kind, body) {
  if (kind !== 1 && kind !== 2) return { kind };
  const fields = new Fields(body);
  const [key, version, wrapped] = [fields.sized(), fields.sized(), fields.sized()];
  if (fields.left() > 0) return undefined;
  if (kind === 2) {
    const isArn = key.length >= 5 && key.length <= 2048 && /^arn:[!-~]+$/.test(key.toString('latin1'));
    const isVersion = version.length === 0 || version.length === 32;
    const fits = isArn && isVersion && wrapped.length >= 1 && wrapped.length <= 6144;
    return fits ? { kind, arn: key.toString('latin1') } : undefined;
  }
  const id = Buffer.concat([key, version]);
  const fits = key.length === 16 && version.length === 32 && wrapped.length === 129 && wrapped[0] === 1;
  return fits && wrapped.subarray(1, 49).equals(id) ? { kind, id, blob: wrapped } : undefined;
}

function readSlots(fields) {
  const count = fields.uint(2);
  if (count > 20) return undefined;
  const slots = Array.from({ length: count }, () => readSlot(fields.uint(2), fields.sized()));
  return slots.every((slot) => slot) ? slots : undefined;
}

/** What an area holds from the context on; undefined if it breaks a rule. */
function readParts(area) {
  const fields = new Fields(area.subarray(0, -64));
  const messageId = fields.raw(52).subarray(20);
  const context = readNativeContext(fields.sized());
  const metadataAt = fields.at + 2;
  const metadata = fields.sized();
  const block = metadata.length - 16;
  const isBlock = metadata.length === 0 || (block > 0 && block <= 2048 && block % 256 === 0);
  const immutable = area.subarray(0, fields.at);
  const commitment = fields.raw(32);
  const generation = fields.raw(8).readBigUInt64BE();
  const slots = readSlots(fields);
  const isGeneration = generation >= 1n && generation < 2n ** 53n;
  if (!context || !isBlock || !isGeneration || !slots || !isZeros(fields.raw(fields.left())))
    return undefined;
  return { area, messageId, context, metadataAt, metadata, immutable, commitment, generation, slots };
}

/** The header copy at `at`; undefined if it is not good. Throws `NewerFormat` for a newer one. */
function headerCopy(start, at) {
  if (start.length < at + PAGE || !start.subarray(at, at + 8).equals(MAGIC)) return undefined;
  const length = start.readUInt32BE(at + 16);
  if (!isAreaLength(length) || (at !== 0 && at !== length) || start.length < at + length) return undefined;
  const area = start.subarray(at, at + length);
  if (!equal(hash('sha256', area.subarray(0, -32)), area.subarray(-32))) return undefined;
  // Version, suite, content kind, flags, reserved byte.
  const isKnown = area.readUInt32BE(8) === 0x1_0001 && area[12] <= 1 && area[13] === 0 && area[15] === 0;
  if (!isKnown) throw new Refusal('NewerFormat', 'The file is of a newer format than this tool knows.');
  const isFrame = area[14] >= 12 && area[14] <= 24;
  return isFrame ? attempt(() => readParts(area)) : undefined;
}

/** Section 7: the copy that counts. `note` hears of a copy that is not good or differs. */
function chooseHeader(start, note) {
  const first = headerCopy(start, 0);
  if (first) {
    const { length } = first.area;
    if (start.length < 2 * length) throw truncated();
    const second = attempt(() => headerCopy(start, length));
    if (!second?.area.equals(first.area)) note('The two copies of its header differ.');
    return second?.generation > first.generation ? second : first;
  }
  for (let at = PAGE; at <= MAX_AREA; at += PAGE) {
    const second = headerCopy(start, at);
    if (second) {
      note('The first copy of its header is damaged; the second one was used.');
      return second;
    }
  }
  if (start.length === 0 || !MAGIC.subarray(0, start.length).equals(start.subarray(0, 8))) {
    throw new Refusal('NotKeywardFile', 'Neither a Keyward file nor an AWS message.');
  }
  const stated = start.length < 20 ? 0 : start.readUInt32BE(16);
  if (start.length < 2 * (isAreaLength(stated) ? stated : PAGE)) throw truncated();
  throw damaged('Both copies of its header are damaged.');
}

// ---- Native files: opening (section 8)

/** Whether a metadata block is well-formed (section 6). */
function isMetadata(block) {
  const fields = new Fields(block);
  const seen = new Set();
  while (!isZeros(block.subarray(fields.at))) {
    const [type, value] = [fields.uint(2), fields.sized()];
    if (type === 0 || seen.has(type)) return false;
    seen.add(type);
    if (type === 1 && !isName(value)) return false;
    if ((type === 2 || type === 3) && value.length !== 8) return false;
    if (type === 4 && value.length !== 4) return false;
  }
  return true;
}

function isName(bytes) {
  const name = textOf(bytes);
  return name && bytes.length <= 1024 && !/[/\0]/.test(name) && name !== '.' && name !== '..';
}

/** The payload key of a header; undefined if the data key is not this file's. */
function openNative(header, dataKey) {
  const { area, immutable, messageId, metadata, metadataAt } = header;
  const salt = hash('sha512', immutable);
  const derive = (label, from = salt) => hkdf('sha512', dataKey, from, `keyward/1/${label}`, 32);
  if (!equal(derive('commit'), header.commitment)) return undefined;
  const mac = crypto.createHmac('sha512', derive('header')).update(area.subarray(0, -64)).digest();
  if (!equal(mac.subarray(0, 32), area.subarray(-64, -32))) throw damaged('Its header was changed.');
  if (metadata.length > 0) {
    const block = openSealed(derive('meta', messageId), ZERO_IV, area.subarray(0, metadataAt), metadata);
    if (!block || !attempt(() => isMetadata(block))) throw damaged('Its name and times are malformed.');
  }
  return derive('payload');
}

/** Section 5.1: the data key in a blob; undefined if blob and context are not what this material sealed. */
function unwrapBlob(blob, material, context) {
  const head = blob.subarray(0, 81);
  const derived = hkdf('sha512', material, head.subarray(49), head, 44);
  const aad = Buffer.concat([head, context]);
  return openSealed(derived.subarray(0, 32), derived.subarray(32), aad, blob.subarray(81));
}

/** The payload key, by a data key of this file or by a slot. */
function unlockNative(header, keys) {
  const own = [bytesOf('keyward:message-id'), bytesOf(header.messageId.toString('hex'))];
  const context = nativeContextBytes([...header.context, own]);
  for (const dataKey of dataKeysOf(keys, header.messageId)) {
    const key = openNative(header, dataKey);
    if (key) return key;
  }
  const local = header.slots.filter(({ kind }) => kind === 1);
  let isChanged = false;
  for (const { id, blob } of local) {
    for (const { material } of keys.materials.filter((one) => one.id.equals(id))) {
      const dataKey = unwrapBlob(blob, material, context);
      const key = dataKey && openNative(header, dataKey);
      if (key) return key;
      isChanged ||= !dataKey;
    }
  }
  if (isChanged)
    throw damaged(
      'The wrapped key in its header, or its context, was changed, or the key given is not this one.',
    );
  throw noKeyFor(header, local);
}

function noKeyFor({ slots }, local) {
  const wanted = slots.map(({ kind, id, arn }) =>
    id
      ? `key ${id.toString('hex', 0, 16)}, version ${id.toString('hex', 16)}`
      : (arn ?? `a key of kind ${kind}`),
  );
  const why = `No key that was given opens this file. It wants one of: ${wanted.join('; ') || 'none'}`;
  return new Refusal(local.length > 0 ? 'WrongKey' : 'UnsupportedSlot', why);
}

const dataKeysOf = (keys, messageId) =>
  keys.data.filter((one) => one.messageId.equals(messageId)).map((one) => one.key);

/** The body of a native file, its header verified. */
function openNativeFile(file, start, keys, note) {
  const header = chooseHeader(start, note);
  const key = unlockNative(header, keys);
  const { area, messageId } = header;
  if (area[12] !== 0) {
    throw new Refusal('NewerFormat', 'The file holds a whole folder, which this tool can not unpack.');
  }
  const frameLength = 2 ** area[14];
  return { shape: 'native', key, messageId, frameLength, at: 2 * area.length, end: file.size };
}

// ---- Messages of the AWS Encryption SDK: the header (section 16)

/** Suite id: version of the message, bytes of its key, hash of the key derivation, curve of the signature. */
const SUITES = new Map([
  [0x0014, { version: 1, keyBytes: 16 }],
  [0x0046, { version: 1, keyBytes: 24 }],
  [0x0078, { version: 1, keyBytes: 32 }],
  [0x0114, { version: 1, keyBytes: 16, kdf: 'sha256' }],
  [0x0146, { version: 1, keyBytes: 24, kdf: 'sha256' }],
  [0x0178, { version: 1, keyBytes: 32, kdf: 'sha256' }],
  [0x0214, { version: 1, keyBytes: 16, kdf: 'sha256', curve: 'P-256' }],
  [0x0346, { version: 1, keyBytes: 24, kdf: 'sha384', curve: 'P-384' }],
  [0x0378, { version: 1, keyBytes: 32, kdf: 'sha384', curve: 'P-384' }],
  [0x0478, { version: 2, keyBytes: 32, kdf: 'sha512' }],
  [0x0578, { version: 2, keyBytes: 32, kdf: 'sha512', curve: 'P-384' }],
]);

/** Hash of a signature, length of a compressed point, and what stands before it in a SubjectPublicKeyInfo. */
const CURVES = {
  'P-256': { hash: 'sha256', bytes: 33, spki: '3039301306072a8648ce3d020106082a8648ce3d030107032200' },
  'P-384': { hash: 'sha384', bytes: 49, spki: '3046301006072a8648ce3d020106052b81040022033200' },
};

const MAX_EDKS = 20;
const MAX_AWS_HEADER = 1 << 20;
const PUBLIC_KEY = 'aws-crypto-public-key';
const tooLarge = (what) => new Refusal('HeaderTooLarge', `The file is not opened: it has ${what}.`);

/** The suite that a message begins with, as { id, … }; undefined if it is none. */
function readSuite(fields) {
  const version = fields.uint(1);
  if (version !== 2 && (version !== 1 || fields.uint(1) !== 0x80)) return undefined;
  const id = fields.uint(2);
  const suite = SUITES.get(id);
  return suite?.version === version ? { id, ...suite } : undefined;
}

const isAwsMessage = (start) => start.length >= 4 && readSuite(new Fields(start)) !== undefined;

/** The pairs of a context in any order, as an object; undefined if one comes twice or anything is malformed. */
function readAwsContext(bytes) {
  const fields = new Fields(bytes);
  const pairs = new Map();
  try {
    for (let left = bytes.length === 0 ? 0 : fields.uint(2); left > 0; left--) {
      const [name, value] = [textOf(fields.sized()), textOf(fields.sized())];
      if (name === undefined || value === undefined || pairs.has(name)) return undefined;
      pairs.set(name, value);
    }
  } catch {
    return undefined;
  }
  return fields.left() === 0 ? Object.fromEntries(pairs) : undefined;
}

const byBytes = ([a], [b]) => Buffer.compare(bytesOf(a), bytesOf(b));
const english = new Intl.Collator('en');
/** How the client for JavaScript orders a context, unless it is told otherwise. */
const byDictionary = ([a], [b]) => english.compare(a, b);

function awsContextBytes(context, order = byBytes) {
  const pairs = Object.entries(context).sort(order);
  const parts = pairs.flat().map((text) => sized(bytesOf(text)));
  return Buffer.concat(pairs.length > 0 ? [uint(pairs.length, 2), ...parts] : []);
}

/** The header that bytes begin with; undefined if they end before it does. */
function parseAwsHeader(bytes) {
  const fields = new Fields(bytes);
  try {
    const suite = readSuite(fields);
    const messageId = fields.raw(suite.version === 1 ? 16 : 32);
    const context = readAwsContext(fields.sized());
    if (!context) throw damaged('Its encryption context is malformed.');
    if (Object.hasOwn(context, PUBLIC_KEY) !== (suite.curve !== undefined)) {
      throw damaged('Its suite and its context differ about a signature.');
    }
    const count = fields.uint(2);
    if (count === 0) throw damaged('It has no wrapped data key.');
    if (count > MAX_EDKS) throw tooLarge(`${count} wrapped data keys`);
    const edks = Array.from({ length: count }, () => ({
      provider: textOf(fields.sized()),
      info: fields.sized(),
      ciphertext: fields.sized(),
    }));
    if (edks.some(({ provider }) => provider === undefined))
      throw damaged('A wrapped key has a malformed name.');
    const contentType = fields.uint(1);
    // Four bytes of zeros and the length of an IV in version 1.
    const fixed = suite.version === 1 ? fields.uint(5) : 12;
    const frameLength = fields.uint(4);
    if (contentType !== (frameLength > 0 ? 2 : 1) || fixed !== 12) throw damaged('Its header is malformed.');
    const commitment = suite.version === 2 ? fields.raw(32) : undefined;
    const authenticated = bytes.subarray(0, fields.at);
    const iv = suite.version === 1 ? fields.raw(12) : ZERO_IV;
    const tag = fields.raw(16);
    const all = bytes.subarray(0, fields.at);
    return { suite, messageId, context, edks, frameLength, commitment, authenticated, iv, tag, all };
  } catch (error) {
    if (error instanceof OutOfBytes) return undefined;
    throw error;
  }
}

/** Reads a header a little at a time: what is behind it may be unreadable. */
function readAwsHeader(file) {
  for (let length = PAGE; ; length = Math.min(2 * length, MAX_AWS_HEADER)) {
    const bytes = file.read(0, length);
    const header = parseAwsHeader(bytes);
    if (header) return header;
    if (bytes.length < length) throw truncated();
    if (length === MAX_AWS_HEADER) throw tooLarge(`a header of more than ${MAX_AWS_HEADER} bytes`);
  }
}

// ---- Messages of the AWS Encryption SDK: opening

/** The pairs that a keyring gives and the header does not have; those that it has must agree. */
function requiredPairs({ context }, given) {
  const required = Object.entries(given).filter(([name, value]) => {
    if (!Object.hasOwn(context, name)) return true;
    if (context[name] !== value) {
      throw new Refusal('InvalidCiphertextException', 'Its context is not the one in the keyring file.');
    }
    return false;
  });
  return Object.fromEntries(required);
}

/** The data key of a slot that names this raw AES key; undefined if it names another or is not authentic. */
function unwrapEdk({ provider, info, ciphertext }, { namespace, name, key }, contexts) {
  // Such a slot's info: name ‖ bits of the tag ‖ bytes of the IV ‖ IV.
  const iv = info.subarray(-12);
  const named = Buffer.concat([bytesOf(name), uint(128, 4), uint(12, 4), iv]);
  if (provider !== namespace || iv.length < 12 || !info.equals(named)) return undefined;
  for (const aad of contexts) {
    const dataKey = openSealed(key, iv, aad, ciphertext);
    if (dataKey) return dataKey;
  }
  return undefined;
}

/** The key of the body. Throws `WrongKey` or `FileDamaged`. */
function openAwsHeader(header, dataKey, required) {
  const { suite, messageId, commitment, authenticated, iv, tag } = header;
  const wrong = new Refusal(
    'WrongKey',
    'A key that was given holds another data key than that of this file.',
  );
  if (dataKey.length !== suite.keyBytes) throw wrong;
  const id = uint(suite.id, 2);
  const derive = (salt, info, length = suite.keyBytes) => hkdf(suite.kdf, dataKey, salt, info, length);
  if (commitment && !equal(derive(messageId, 'COMMITKEY', 32), commitment)) throw wrong;
  const key = !suite.kdf
    ? dataKey
    : commitment
      ? derive(messageId, Buffer.concat([id, bytesOf('DERIVEKEY')]))
      : derive('', Buffer.concat([id, messageId]));
  const aad = Buffer.concat([authenticated, awsContextBytes(required)]);
  if (!openSealed(key, iv, aad, tag)) {
    throw damaged('Its header was changed, or pairs of its context are missing in the keyring file.');
  }
  return key;
}

function unlockMessage(header, keys) {
  if (header.suite.version === 1 && !keys.nonCommitting) {
    const why =
      'Its suite does not commit to a key; "allowNonCommitting": true in a keyring file permits it.';
    throw new Refusal('UnsupportedOperationException', why);
  }
  const required = requiredPairs(header, keys.context);
  const whole = Object.fromEntries([...Object.entries(header.context), ...Object.entries(required)]);
  const contexts = [byBytes, byDictionary].map((order) => awsContextBytes(whole, order));
  const slots = header.edks.flatMap((edk) => keys.aes.map((key) => () => unwrapEdk(edk, key, contexts)));
  let failure;
  for (const unwrap of [...dataKeysOf(keys, header.messageId).map((key) => () => key), ...slots]) {
    const dataKey = unwrap();
    if (!dataKey) continue;
    try {
      return openAwsHeader(header, dataKey, required);
    } catch (error) {
      failure ??= error;
    }
  }
  const wanted = header.edks.map(({ provider, info }) =>
    JSON.stringify(`${provider} ${info.toString('latin1')}`),
  );
  const why = `No key that was given opens this file. It wants one of: ${wanted.join('; ')}`;
  throw failure ?? new Refusal('UnsupportedSlot', why);
}

/** The body of a message, its header and, if it is signed, its signature verified. */
async function openAwsFile(file, keys) {
  const header = readAwsHeader(file);
  const key = unlockMessage(header, keys);
  const { suite, messageId, frameLength, all } = header;
  const body = { shape: frameLength > 0 ? 'aws' : 'single', key, messageId, frameLength, at: all.length };
  const end = endOfMessage(file, header, body);
  if (suite.curve) await verifySignature(file, header, end);
  else if (end < file.size) throw damaged('Bytes follow its end.');
  return { ...body, end };
}

/** Where the body ends. */
function endOfMessage(file, { suite }, { shape, at, frameLength }) {
  if (shape === 'single') {
    const end = at + 36 + Number(readAll(file, at, 20).readBigUInt64BE(12));
    if (!(end <= file.size)) throw truncated();
    return end;
  }
  if (!suite.curve) return file.size;
  // Only few places near the end of the file can hold the final frame: a signature has at most 512 bytes.
  const stride = frameLength + 32;
  const from = Math.floor((file.size - at - 512 - 40 - frameLength) / stride);
  for (let index = Math.max(0, from); index <= Math.floor((file.size - at - 40) / stride); index++) {
    const head = file.read(at + index * stride, 24);
    if (head.length < 24 || head.readUInt32BE(0) !== FINAL) continue;
    const content = head.readUInt32BE(20);
    if (head.readUInt32BE(4) !== index + 1 || content > frameLength)
      throw damaged('Its final frame is malformed.');
    const end = at + index * stride + 40 + content;
    if (end > file.size) throw truncated();
    return end;
  }
  throw truncated();
}

/** Verifies the signature over header and body, behind which nothing may follow. */
async function verifySignature(file, { suite, context, all }, end) {
  const length = readAll(file, end, 2).readUInt16BE();
  const signature = readAll(file, end + 2, length);
  if (end + 2 + length < file.size) throw damaged('Bytes follow its end.');
  const curve = CURVES[suite.curve];
  const point = Buffer.from(context[PUBLIC_KEY], 'base64');
  const spki = Buffer.concat([Buffer.from(curve.spki, 'hex'), point]);
  const isPoint = point.length === curve.bytes && (point[0] === 2 || point[0] === 3);
  const key = isPoint && attempt(() => crypto.createPublicKey({ key: spki, format: 'der', type: 'spki' }));
  if (!key) throw damaged('Its public key is malformed.');
  const verifier = crypto.createVerify(curve.hash).update(all);
  for (let at = all.length; at < end; at += PIECE) {
    verifier.update(readAll(file, at, Math.min(PIECE, end - at)));
    await aMoment();
  }
  if (!attempt(() => verifier.verify(key, signature))) throw damaged('Its signature does not verify.');
}

// ---- Bodies (section 9)

const FINAL = 0xffff_ffff;
const PIECE = 1 << 20;
/** Lets a Ctrl-C through. */
const aMoment = () => new Promise(setImmediate);

/** Section 9.3: frames and bytes in the final one; undefined where no body has this length. */
function planOf({ shape, frameLength, at, end }) {
  const rest = end - at - 40;
  if (rest < 0) return undefined;
  if (rest === 0) return { frames: 1 };
  const stride = frameLength + 32;
  // The final frame of an AWS message may be empty behind full ones.
  const regular = Math.floor((shape === 'native' ? rest - 1 : rest) / stride);
  const fits = rest - regular * stride <= frameLength && regular < FINAL;
  return fits ? { frames: regular + 1 } : undefined;
}

/** Where no body has the length: were bytes added, or is the end missing? */
function impossibleLength(file, { frameLength, at, end }) {
  const stride = frameLength + 32;
  const most = Math.floor(Math.max(0, end - at - 1) / stride);
  for (let regular = Math.max(0, most - 1); regular <= most; regular++) {
    const from = at + regular * stride;
    const head = file.read(from, 24);
    const isFinal =
      head.length === 24 && head.readUInt32BE(0) === FINAL && head.readUInt32BE(4) === regular + 1;
    if (isFinal && from + 40 + head.readUInt32BE(20) < end) return damaged('Bytes follow its end.');
  }
  return truncated();
}

/** The ciphertext of one frame: where it is, and what opens it. Checks its shape; `last`: the plan ends here. */
function frameAt(file, { shape, key, messageId, frameLength, at, end }, number, last) {
  const from = at + (number - 1) * (frameLength + 32);
  const broken = damaged(`Frame ${number}, at byte ${from}, is not what was encrypted.`);
  const isFinal = readAll(file, from, 4).readUInt32BE() === FINAL;
  const head = readAll(file, from, isFinal ? 24 : 16);
  const fields = new Fields(head.subarray(isFinal ? 4 : 0));
  const [stated, iv] = [fields.uint(4), fields.raw(12)];
  if (stated !== number || (shape === 'native' && !iv.equals(uint(number, 12)))) throw broken;
  if (isFinal !== last) throw last ? truncated() : broken;
  const length = last ? fields.uint(4) : frameLength;
  const isCanonical = shape !== 'native' || length > 0 || number === 1;
  if (length > frameLength || !isCanonical) throw broken;
  const stop = from + head.length + length + 16;
  if (last && stop > end) throw truncated();
  if (last && stop < end) throw damaged('Bytes follow its end.');
  const label = `AWSKMSEncryptionClient ${last ? 'Final Frame' : 'Frame'}`;
  const aad = Buffer.concat([messageId, bytesOf(label), uint(number, 4), uint(length, 8)]);
  return { key, iv, aad, from: from + head.length, length, broken };
}

/** The one block of a message without frames. */
function blockAt(file, { key, messageId, at, end }) {
  const iv = readAll(file, at, 12);
  const length = end - at - 36;
  const label = bytesOf('AWSKMSEncryptionClient Single Block');
  const aad = Buffer.concat([messageId, label, uint(1, 4), uint(length, 8)]);
  return { key, iv, aad, from: at + 20, length, broken: damaged('It is not what was encrypted.') };
}

/** Decrypts one ciphertext piece by piece; what the sink got stands for nothing until this has resolved. */
async function decryptSpan(file, { key, iv, aad, from, length, broken }, sink) {
  const decipher = decipherOf(key, iv, aad);
  for (let done = 0; done < length; done += PIECE) {
    await sink(decipher.update(readAll(file, from + done, Math.min(PIECE, length - done))));
    await aMoment();
  }
  decipher.setAuthTag(readAll(file, from + length, 16));
  if (!attempt(() => decipher.final())) throw broken;
}

async function decryptBody(file, body, sink) {
  if (body.shape === 'single') return decryptSpan(file, blockAt(file, body), sink);
  const plan = planOf(body);
  if (!plan) throw impossibleLength(file, body);
  // The end first: a file that was cut is told at once, however long it is.
  await decryptSpan(file, frameAt(file, body, plan.frames, true), () => undefined);
  for (let number = 1; number <= plan.frames; number++) {
    await decryptSpan(file, frameAt(file, body, number, number === plan.frames), sink);
  }
}

/**
 * Decrypts a file of either format. `sink` gets plaintext in order, before all of it is verified: what it got
 * stands for nothing until this has resolved. `note` hears what is worth telling. Throws a `Refusal`.
 */
export async function decryptFile(file, keys, sink, note) {
  const { start, failure } = readStart(file);
  try {
    const body = isAwsMessage(start)
      ? await openAwsFile(file, keys)
      : openNativeFile(file, start, keys, note);
    await decryptBody(file, body, sink);
  } catch (error) {
    // Pages that the disk could not read are why there is no header.
    const isOfHeader = ['NotKeywardFile', 'FileTruncated', 'FileDamaged'].includes(error.code);
    throw failure && isOfHeader && !attempt(() => chooseHeader(start, () => undefined)) ? failure : error;
  }
}

// ---- Keys (section 17)

/** An empty set of keys: materials of versions, data keys of files, raw AES keys, and what goes with these. */
export function noKeys() {
  return { materials: [], data: [], aes: [], context: {}, nonCommitting: false };
}

/** Adds what a key file holds; `secret` is the bytes of the passphrase file. Throws a `Refusal`. */
export function addKeys(keys, path, text, secret) {
  const document = parseKeyFile(text);
  // No word of what is in it: these are keys.
  const refuse = (why) => usage(`The key file ${path} can't be used: ${why}`);
  if (!document) throw refuse('it is not one of a form that this tool knows.');
  if (document.format !== 'keyward wrapped export') return addDocument(keys, document, refuse);
  const inner = unwrapExport(document, secret, refuse);
  return addDocument(keys, parseKeyFile(inner) ?? {}, refuse);
}

/** The object of a JSON text; undefined if it is none. A name "__proto__" would be lost, so there is none. */
function parseKeyFile(text) {
  const refuseProto = (name, value) => {
    if (name === '__proto__') throw new Error();
    return value;
  };
  const value = attempt(() => JSON.parse(text, refuseProto));
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

/** Bytes behind base64 or hex text; no bytes for anything else. */
function decoded(text, encoding) {
  const pattern =
    encoding === 'hex' ? /^([0-9a-f]{2})+$/ : /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
  return typeof text === 'string' && pattern.test(text) ? Buffer.from(text, encoding) : Buffer.alloc(0);
}

function unwrapExport({ n, r, p, salt, sealed }, secret, refuse) {
  const isCost = [n, r, p].every((one) => Number.isInteger(one) && one > 0) && n * r * p <= 2 ** 23;
  const saltBytes = decoded(salt, 'base64');
  if (!isCost || n < 2 || n & (n - 1) || saltBytes.length !== 32)
    throw refuse('its parameters are out of bounds.');
  if (!secret) throw refuse('it is wrapped by a passphrase; give --passphrase-file.');
  for (const passphrase of passphrasesIn(secret)) {
    const key = crypto.scryptSync(passphrase, saltBytes, 32, { N: n, r, p, maxmem: 2 ** 31 });
    const inner = openSealed(key, ZERO_IV, bytesOf('keyward/1/wrapped-export'), decoded(sealed, 'base64'));
    if (inner) return inner.toString();
  }
  throw new Refusal('WrongPassphrase', 'Wrong passphrase, or the export was changed.');
}

/** The bytes that a passphrase file may stand for, the likeliest first: NFC, as they are, NFD. */
function passphrasesIn(bytes) {
  const mark = bytes.toString('hex', 0, 2);
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  // The decoder takes a byte-order mark away. Latin-1 keeps every byte.
  const text = attempt(() =>
    new TextDecoder(encoding, { fatal: true }).decode(bytes).replace(/[\r\n]+$/, ''),
  );
  const raw = Buffer.from(bytes.toString('latin1').replace(/\r?\n$/, ''), 'latin1');
  const all = [bytesOf((text ?? '').normalize('NFC')), raw, bytesOf((text ?? '').normalize('NFD'))];
  return all.filter((one, i) => one.length > 0 && all.findIndex((other) => other.equals(one)) === i);
}

function addDocument(keys, document, refuse) {
  if (document.keyward === 'backup/1') return addBackup(keys, document, refuse);
  if (document.format === undefined && Array.isArray(document.keys))
    return addKeyring(keys, document, refuse);
  if (document.format === 'keyward key material') return addMaterial(keys, document, refuse);
  if (document.format === 'keyward data key') return addDataKey(keys, document, refuse);
  throw refuse('this tool does not know what it is.');
}

function addMaterial(keys, { formatVersion, keyId, versionId, material }, refuse) {
  const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(keyId);
  const id = Buffer.concat([
    isUuid ? Buffer.from(keyId.replaceAll('-', ''), 'hex') : Buffer.alloc(0),
    decoded(versionId, 'hex'),
  ]);
  const bytes = decoded(material, 'base64');
  if (formatVersion !== 1 || id.length !== 48 || bytes.length !== 32) throw refuse('it is malformed.');
  keys.materials.push({ id, material: bytes });
  const info = Buffer.concat([bytesOf('keyward/1/esdk-raw-aes'), id]);
  const key = hkdf('sha512', bytes, '', info, 32);
  keys.aes.push({ namespace: 'keyward', name: `${keyId}/${versionId}`, key });
}

/** An opened backup (docs/recovery.md): every version's material is sealed under a key that the root key gives. */
function addBackup(keys, { vault, rootKey, material }, refuse) {
  const root = decoded(rootKey, 'base64');
  const isWhole = root.length === 32 && typeof vault?.id === 'string' && Array.isArray(material);
  if (!isWhole) throw refuse('it is no whole backup.');
  const key = hkdf('sha512', root, bytesOf(vault.id), 'keyward/1/backup', 32);
  for (const one of material) {
    const { keyId, versionId, spec, usage, origin, sealed } = one ?? {};
    // Only keys of this kind encrypt files.
    if (spec !== 'SYMMETRIC_DEFAULT') continue;
    const bytes = decoded(sealed, 'base64');
    const derived = hkdf('sha512', key, bytes.subarray(0, 32), 'keyward/1/backup-material', 44);
    const aad = bytesOf(JSON.stringify({ keyId, origin, spec, usage, vaultId: vault.id, versionId }));
    const opened = openSealed(derived.subarray(0, 32), derived.subarray(32), aad, bytes.subarray(32));
    if (!opened) throw refuse('the material of a key in it does not open.');
    addMaterial(keys, { formatVersion: 1, keyId, versionId, material: opened.toString('base64') }, refuse);
  }
}

function addDataKey(keys, { formatVersion = 1, messageId, dataKey }, refuse) {
  const [id, key] = [decoded(messageId, 'hex'), decoded(dataKey, 'base64')];
  const fits = formatVersion === 1 && [16, 32].includes(id.length) && [16, 24, 32].includes(key.length);
  if (!fits) throw refuse('it is malformed.');
  keys.data.push({ messageId: id, key });
}

function addKeyring(keys, { keys: list, context = {}, allowNonCommitting = false, ...others }, refuse) {
  const isText = (value) => typeof value === 'string';
  const isContext = typeof context === 'object' && context !== null && Object.values(context).every(isText);
  const isKnown = Object.keys(others).length === 0 && typeof allowNonCommitting === 'boolean' && isContext;
  if (!isKnown || list.length === 0) throw refuse('it is malformed.');
  for (const one of list) {
    const { type, namespace, name, key: text } = one ?? {};
    const key = decoded(text, 'base64');
    const isAes = type === 'raw-aes' && [namespace, name].every((given) => isText(given) && given !== '');
    if (!isAes || ![16, 24, 32].includes(key.length)) throw refuse('it has other keys than raw-aes.');
    keys.aes.push({ namespace, name, key });
  }
  for (const [name, value] of Object.entries(context)) {
    if ((keys.context[name] ?? value) !== value)
      throw refuse('another key file has another value in its context.');
    keys.context[name] = value;
  }
  keys.nonCommitting ||= allowNonCommitting;
}

// ---- Recovery phrases (docs/recovery.md)

// The English word list of BIP-39 (MIT licence): two letters, then the third and fourth of each word that begins
// with them. No two words have the same first four.
const WORDS = `
ABan,il,le,ou,ov,se,so,st,su,us ACce,ci,co,cu,hi,id,ou,qu,ro,t,ti,to,tr,tu ADap,d,di,dr,ju,mi,ul,va,vi AEro
AFfa,fo,ra AGai,e,en,re AHea AIm,r,rp,sl ALar,bu,co,er,ie,l,le,lo,mo,on,ph,re,so,te,wa AMat,az,on,ou,us
ANal,ch,ci,ge,gl,gr,im,kl,no,nu,ot,sw,te,ti,xi,y APar,ol,pe,pl,pr,ri
ARch,ct,ea,en,gu,m,me,mo,my,ou,ra,re,ri,ro,t,te,ti,tw ASk,pe,sa,se,si,su,th AThl,om,ta,te,ti,tr
AUct,di,gu,nt,th,to,tu AVer,oc,oi AWak,ar,ay,es,fu,kw AXis
BAby,ch,co,dg,g,la,lc,ll,mb,na,nn,r,re,rg,rr,se,si,sk,tt
BEac,an,au,ca,co,ef,fo,gi,ha,hi,li,lo,lt,nc,ne,st,tr,tt,tw,yo BIcy,d,ke,nd,ol,rd,rt,tt
BLac,ad,am,an,as,ea,es,in,oo,os,ou,ue,ur,us BOar,at,dy,il,mb,ne,nu,ok,os,rd,ri,rr,ss,tt,un,x,y
BRac,ai,an,as,av,ea,ee,ic,id,ie,ig,in,is,oc,ok,on,oo,ot,ow,us
BUbb,dd,dg,ff,il,lb,lk,ll,nd,nk,rd,rg,rs,s,si,sy,tt,ye,zz
CAbb,bi,bl,ct,ge,ke,ll,lm,me,mp,n,na,nc,nd,nn,no,nv,ny,pa,pi
CApt,r,rb,rd,rg,rp,rr,rt,se,sh,si,st,su,t,ta,tc,te,tt,ug,us CAut,ve CEil,le,me,ns,nt,re,rt
CHai,al,am,an,ao,ap,ar,as,at,ea,ec,ee,ef,er,es,ic,ie,il,im,oi CHoo,ro,uc,un,ur CIga,nn,rc,ti,ty,vi
CLai,ap,ar,aw,ay,ea,er,ev,ic,ie,if,im,in,ip,oc,og,os,ot,ou,ow CLub,um,us,ut
COac,as,co,de,ff,il,in,ll,lo,lu,mb,me,mf,mi,mm,mp,nc,nd,nf,ng
COnn,ns,nt,nv,ok,ol,pp,py,ra,re,rn,rr,st,tt,uc,un,up,ur,us,ve COyo
CRac,ad,af,am,an,as,at,aw,az,ea,ed,ee,ew,ic,im,is,it,op,os,ou CRow,uc,ue,ui,um,un,us,y,ys
CUbe,lt,p,pb,ri,rr,rt,rv,sh,st,te CYcl DAd,ma,mp,nc,ng,ri,sh,ug,wn,y
DEal,ba,br,ca,ce,ci,cl,co,cr,er,fe,fi,fy,gr,la,li,ma,mi,ni,nt
DEny,pa,pe,po,pt,pu,ri,sc,se,si,sk,sp,st,ta,te,ve,vi,vo
DIag,al,am,ar,ce,es,et,ff,gi,gn,le,nn,no,re,rt,sa,sc,se,sh,sm DIso,sp,st,ve,vi,vo,zz
DOct,cu,g,ll,lp,ma,na,nk,no,or,se,ub,ve DRaf,ag,am,as,aw,ea,es,if,il,in,ip,iv,op,um,y DUck,mb,ne,ri,st,tc,ty
DWar DYna EAge,gl,rl,rn,rt,si,st,sy ECho,ol,on EDge,it,uc EFfo EGg EIgh,th ELbo,de,ec,eg,em,ep,ev,it,se
EMba,bo,br,er,ot,pl,po,pt ENab,ac,d,dl,do,em,er,fo,ga,gi,ha,jo,li,ou,ri,ro,su,te,ti,tr ENve EPis EQua,ui
ERa,as,od,os,ro,up ESca,sa,se,ta ETer,hi EVid,il,ok,ol
EXac,am,ce,ch,ci,cl,cu,ec,er,ha,hi,il,is,it,ot,pa,pe,pi,pl,po EXpr,te,tr EYe,eb
FAbr,ce,cu,de,in,it,ll,ls,me,mi,mo,n,nc,nt,rm,sh,t,ta,th,ti FAul,vo FEat,br,de,e,ed,el,ma,nc,st,tc,ve,w
FIbe,ct,el,gu,le,lm,lt,na,nd,ne,ng,ni,re,rm,rs,sc,sh,t,tn,x FLag,am,as,at,av,ee,ig,ip,oa,oc,oo,ow,ui,us,y
FOam,cu,g,il,ld,ll,od,ot,rc,re,rg,rk,rt,ru,rw,ss,st,un,x FRag,am,eq,es,ie,in,og,on,os,ow,oz,ui
FUel,n,nn,rn,ry,tu GAdg,in,la,ll,me,p,ra,rb,rd,rl,rm,s,sp,te,th,ug,ze GEne,ni,nr,nt,nu,st GHos
GIan,ft,gg,ng,ra,rl,ve GLad,an,ar,as,id,im,ob,oo,or,ov,ow,ue GOat,dd,ld,od,os,ri,sp,ss,ve,wn
GRab,ac,ai,an,ap,as,av,ea,ee,id,ie,it,oc,ou,ow,un GUar,es,id,il,it,n GYm
HAbi,ir,lf,mm,ms,nd,pp,rb,rd,rs,rv,t,ve,wk,za HEad,al,ar,av,dg,ig,ll,lm,lp,n,ro HIdd,gh,ll,nt,p,re,st
HObb,ck,ld,le,li,ll,me,ne,od,pe,rn,rr,rs,sp,st,te,ur,ve HUb,ge,ma,mb,mo,nd,ng,nt,rd,rr,rt,sb HYbr ICe,on
IDea,en,le IGno ILl,le,ln IMag,it,me,mu,pa,po,pr,pu
INch,cl,co,cr,de,di,do,du,fa,fl,fo,ha,he,it,je,ju,ma,ne,no,pu INqu,sa,se,si,sp,st,ta,te,to,ve,vi,vo IRon
ISla,ol,su ITem IVor JAck,gu,r,zz JEal,an,ll,we JOb,in,ke,ur,y JUdg,ic,mp,ng,ni,nk,st KAng KEen,ep,tc,y
KIck,d,dn,nd,ng,ss,t,tc,te,tt,wi KNee,if,oc,ow LAb,be,bo,dd,dy,ke,mp,ng,pt,rg,te,ti,ug,un,va,w,wn,ws,ye,zy
LEad,af,ar,av,ct,ft,g,ga,ge,is,mo,nd,ng,ns,op,ss,tt,ve LIar,be,br,ce,fe,ft,gh,ke,mb,mi,nk,on,qu,st,tt,ve,za
LOad,an,bs,ca,ck,gi,ne,ng,op,tt,ud,un,ve,ya LUck,gg,mb,na,nc,xu LYri
MAch,d,gi,gn,id,il,in,jo,ke,mm,n,na,nd,ng,ns,nu,pl,rb,rc,rg MAri,rk,rr,sk,ss,st,tc,te,th,tr,tt,xi,ze
MEad,an,as,at,ch,da,di,lo,lt,mb,mo,nt,nu,rc,rg,ri,rr,sh,ss,ta MEth
MIdd,dn,lk,ll,mi,nd,ni,no,nu,ra,rr,se,ss,st,x,xe,xt
MObi,de,di,m,me,ni,nk,ns,nt,on,ra,re,rn,sq,th,ti,to,un,us,ve MOvi MUch,ff,le,lt,sc,se,sh,si,st,tu MYse,st,th
NAiv,me,pk,rr,st,ti,tu NEar,ck,ed,ga,gl,it,ph,rv,st,t,tw,ut,ve,ws,xt NIce,gh
NObl,is,mi,od,rm,rt,se,ta,te,th,ti,ve,w NUcl,mb,rs,t OAk OBey,je,li,sc,se,ta,vi OCcu,ea,to ODor OFf,fe,fi,te
OIl OKay OLd,iv,ym OMit ONce,e,io,li,ly OPen,er,in,po,ti ORan,bi,ch,de,di,ga,ie,ig,ph OStr OThe OUtd,te,tp,ts
OVal,en,er OWn,ne OXyg OYst OZon PAct,dd,ge,ir,la,lm,nd,ne,ni,nt,pe,ra,re,rk,rr,rt,ss,tc,th,ti
PAtr,tt,us,ve,ym PEac,an,ar,as,li,n,na,nc,op,pp,rf,rm,rs,t PHon,ot,ra,ys
PIan,cn,ct,ec,g,ge,ll,lo,nk,on,pe,st,tc,zz PLac,an,as,at,ay,ea,ed,uc,ug,un
POem,et,in,la,le,li,nd,ny,ol,pu,rt,si,ss,st,ta,tt,ve,wd,we
PRac,ai,ed,ef,ep,es,et,ev,ic,id,im,in,io,is,iv,iz,ob,oc,od,of PRog,oj,om,oo,op,os,ot,ou,ov
PUbl,dd,ll,lp,ls,mp,nc,pi,pp,rc,ri,rp,rs,sh,t,zz PYra QUal,an,ar,es,ic,it,iz,ot
RAbb,cc,ce,ck,da,di,il,in,is,ll,mp,nc,nd,ng,pi,re,te,th,ve,w RAzo
REad,al,as,be,bu,ca,ce,ci,co,cy,du,fl,fo,fu,gi,gr,gu,je,la,le
REli,ly,ma,me,mi,mo,nd,ne,nt,op,pa,pe,pl,po,qu,sc,se,si,so,sp REsu,ti,tr,tu,un,ve,vi,wa RHyt
RIb,bb,ce,ch,de,dg,fl,gh,gi,ng,ot,pp,sk,tu,va,ve ROad,as,bo,bu,ck,ma,of,ok,om,se,ta,ug,un,ut,ya
RUbb,de,g,le,n,nw,ra SAd,dd,dn,fe,il,la,lm,lo,lt,lu,me,mp,nd,ti,to,uc,us,ve,y
SCal,an,ar,at,en,he,ho,ie,is,or,ou,ra,re,ri,ru SEa,ar,as,at,co,cr,ct,cu,ed,ek,gm,le,ll,mi,ni,ns,nt,ri,rv,ss
SEtt,tu,ve SHad,af,al,ar,ed,el,er,ie,if,in,ip,iv,oc,oe,oo,op,or,ou,ov,ri SHru,uf,y
SIbl,ck,de,eg,gh,gn,le,lk,ll,lv,mi,mp,nc,ng,re,st,tu,x,ze SKat,et,i,il,in,ir,ul
SLab,am,ee,en,ic,id,ig,im,og,ot,ow,us SMal,ar,il,ok,oo SNac,ak,ap,if,ow
SOap,cc,ci,ck,da,ft,la,ld,li,lu,lv,me,ng,on,rr,rt,ul,un,up,ur SOut
SPac,ar,at,aw,ea,ec,ee,el,en,he,ic,id,ik,in,ir,li,oi,on,oo,or SPot,ra,re,ri,y SQua,ue,ui
STab,ad,af,ag,ai,am,an,ar,at,ay,ea,ee,em,ep,er,ic,il,in,oc,om STon,oo,or,ov,ra,re,ri,ro,ru,ud,uf,um,yl
SUbj,bm,bw,cc,ch,dd,ff,ga,gg,it,mm,n,nn,ns,pe,pp,pr,re,rf,rg SUrp,rr,rv,sp,st
SWal,am,ap,ar,ea,ee,if,im,in,it,or SYmb,mp,ru,st TAbl,ck,g,il,le,lk,nk,pe,rg,sk,st,tt,xi
TEac,am,ll,n,na,nn,nt,rm,st,xt THan,at,em,en,eo,er,ey,in,is,ou,re,ri,ro,um,un
TIck,de,ge,lt,mb,me,ny,p,re,ss,tl TOas,ba,da,dd,e,ge,il,ke,ma,mo,ne,ng,ni,ol,ot,p,pi,pp,rc,rn
TOrt,ss,ta,ur,wa,we,wn,y TRac,ad,af,ag,ai,an,ap,as,av,ay,ea,ee,en,ia,ib,ic,ig,im,ip,op
TRou,uc,ue,ul,um,us,ut,y TUbe,it,mb,na,nn,rk,rn,rt TWel,en,ic,in,is,o TYpe,pi UGly UMbr
UNab,aw,cl,co,de,do,fa,fo,ha,if,iq,it,iv,kn,lo,ti,us,ve UPda,gr,ho,on,pe,se URba,ge USag,e,ed,ef,el,ua UTil
VAca,cu,gu,li,ll,lv,n,ni,po,ri,st,ul VEhi,lv,nd,nt,nu,rb,ri,rs,ry,ss,te
VIab,br,ci,ct,de,ew,ll,nt,ol,rt,ru,sa,si,su,ta,vi VOca,ic,id,lc,lu,te,ya
WAge,go,it,lk,ll,ln,nt,rf,rm,rr,sh,sp,st,te,ve,y WEal,ap,ar,as,at,b,dd,ek,ir,lc,st,t WHal,at,ea,ee,en,er,ip,is
WIde,dt,fe,ld,ll,n,nd,ne,ng,nk,nn,nt,re,sd,se,sh,tn WOlf,ma,nd,od,ol,rd,rk,rl,rr,rt WRap,ec,es,is,it,on YArd
YEar,ll YOu,un,ut ZEbr,ro ZOne,o
`
  .trim()
  .split(/\s+/)
  .flatMap((group) =>
    group
      .slice(2)
      .split(',')
      .map((rest) => group.slice(0, 2).toLowerCase() + rest),
  );

const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

/** The 32 bytes behind 24 words. Throws a `Refusal`. */
export function entropyOf(text) {
  const words =
    text
      .normalize('NFKD')
      .toLowerCase()
      .match(/[a-z]+/g) ?? [];
  if (words.length !== 24) throw usage(`The phrase has ${words.length} words instead of 24.`);
  const numbers = words.map((word) => WORDS.indexOf(word.slice(0, 4)));
  const wrong = numbers.flatMap((number, i) => (number < 0 ? [`word ${i + 1}`] : []));
  if (wrong.length > 0) throw usage(`Not on the list of words: ${wrong.join(', ')}.`);
  const bits = numbers.map((number) => number.toString(2).padStart(11, '0')).join('');
  const bytes = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const entropy = bytes.subarray(0, 32);
  if (hash('sha256', entropy)[0] === bytes[32]) return entropy;
  throw usage('The words do not belong together: check their order, and each of them.');
}

/** The age identity of a phrase, for backups of one kind. */
export function ageIdentity(entropy, kind) {
  const [label, prefix] = kind === 'x25519' ? ['age', 'age-secret-key-'] : ['age-pq', 'age-secret-key-pq-'];
  const seed = hkdf('sha256', entropy, '', `keyward/1/recovery/${label}`, 32);
  return bech32(prefix, seed).toUpperCase();
}

/** Bech32 (BIP-173) without its limit of length. */
function bech32(prefix, bytes) {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const data = bits.match(/.{1,5}/g).map((five) => Number.parseInt(five.padEnd(5, '0'), 2));
  const codes = [...bytesOf(prefix)];
  const values = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31), ...data];
  const sum = polymod([...values, 0, 0, 0, 0, 0, 0]) ^ 1;
  const check = [5, 4, 3, 2, 1, 0].map((i) => (sum >> (5 * i)) & 31);
  return `${prefix}1${[...data, ...check].map((value) => BECH32[value]).join('')}`;
}

function polymod(values) {
  const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  return values.reduce((sum, value) => {
    const mixed = ((sum & 0x1ffffff) << 5) ^ value;
    return generator.reduce((all, one, i) => ((sum >> (25 + i)) & 1 ? all ^ one : all), mixed);
  }, 1);
}

// ---- Output

/** A file that gets its name when it is whole, unless that is taken by then. */
class NewFile {
  constructor(target) {
    this.target = target;
    if (fs.lstatSync(target, { throwIfNoEntry: false })) throw this.taken();
    const random = crypto.randomBytes(8).toString('hex');
    this.partial = join(dirname(target), `keyward-decrypt-${random}.partial`);
    process.on('exit', () => this.abandon());
    this.fd = fs.openSync(this.partial, 'wx', 0o600);
  }
  taken() {
    return new Refusal('TargetExists', `${this.target} is there already.`, 1);
  }
  write(bytes) {
    for (let done = 0; done < bytes.length; ) done += fs.writeSync(this.fd, bytes, done);
  }
  place() {
    fs.fsyncSync(this.fd);
    try {
      fs.linkSync(this.partial, this.target);
    } catch (error) {
      if (error.code === 'EEXIST') throw this.taken();
      this.placeWithoutLinks();
    }
    // From here on it is no partial: whatever happens, it keeps what it has.
    fs.closeSync(this.fd);
    this.fd = undefined;
    fs.rmSync(this.partial, { force: true });
    // Windows has no handles of folders.
    attempt(() => fs.fsyncSync(fs.openSync(dirname(this.target), 'r')));
  }
  /** Takes the name with an empty file, which fails if it is taken, and puts the whole one in its place. */
  placeWithoutLinks() {
    try {
      fs.closeSync(fs.openSync(this.target, 'wx', 0o600));
    } catch (error) {
      throw error.code === 'EEXIST' ? this.taken() : error;
    }
    try {
      fs.renameSync(this.partial, this.target);
    } catch (error) {
      fs.rmSync(this.target);
      throw error;
    }
  }
  /** Empties the partial, wherever it may have been moved to, and removes it. */
  abandon() {
    if (this.fd === undefined) return;
    attempt(() => fs.ftruncateSync(this.fd));
    attempt(() => fs.rmSync(this.partial, { force: true }));
  }
}

async function decryptToFile(file, keys, target) {
  const output = new NewFile(target);
  const names = attempt(() => fs.readdirSync(dirname(target))) ?? [];
  const left = names.filter(
    (one) => /^keyward-decrypt-\w{16}\.partial$/.test(one) && one !== basename(output.partial),
  );
  if (left.length > 0) tell(`Unverified plaintext of another run, killed or under way: ${left.join(', ')}`);
  await decryptFile(file, keys, (bytes) => output.write(bytes), tell);
  output.place();
  console.log(`Decrypted to ${target}`);
}

/** All is verified before anything is given. */
async function decryptToOutput(file, keys) {
  await decryptFile(file, keys, () => undefined, tell);
  const write = (bytes) =>
    new Promise((resolve, reject) => {
      process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  process.stdout.on('error', () => undefined);
  await decryptFile(file, keys, write, () => undefined);
}

const tell = (note) => console.error(`note: ${note}`);

// ---- The command

async function main() {
  const [text, many] = [{ type: 'string' }, { type: 'string', multiple: true }];
  const phrase = { 'identity-from-phrase': text, kind: { type: 'string', default: 'hybrid' } };
  const options = { key: many, out: text, 'passphrase-file': text, ...phrase, help: { type: 'boolean' } };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.help) return console.log(USAGE);
  const from = values['identity-from-phrase'];
  if (from !== undefined) {
    if (!['hybrid', 'x25519'].includes(values.kind)) throw usage('--kind is hybrid or x25519.');
    const words = fs.readFileSync(from === '-' ? 0 : from, 'utf8');
    return console.log(ageIdentity(entropyOf(words), values.kind));
  }
  if (positionals.length !== 1 || !values.key) throw usage(`\n${USAGE}`);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
  const secret = values['passphrase-file'] && fs.readFileSync(values['passphrase-file']);
  const keys = noKeys();
  for (const path of values.key) addKeys(keys, path, fs.readFileSync(path, 'utf8'), secret);
  const [path] = positionals;
  const file = openSource(path);
  if (values.out === '-') return decryptToOutput(file, keys);
  const byDefault = /.\.keyward$/i.test(basename(path))
    ? path.slice(0, -'.keyward'.length)
    : `${path}.decrypted`;
  return decryptToFile(file, keys, values.out ?? byDefault);
}

function isRun() {
  return process.argv[1] !== undefined && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
}

if (isRun()) {
  main().catch((error) => {
    console.error(`keyward-decrypt: ${error.message}`);
    process.exit(error.exit ?? (error.code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1));
  });
}
