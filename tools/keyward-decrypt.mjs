#!/usr/bin/env node
/*
 * Decrypts one file with exported keys, without Keyward: native files (docs/format.md) and messages of the AWS
 * Encryption SDK (all eleven suites, raw AES keys). One file, no dependencies, Node 18 or newer.
 *
 * What is decrypted goes into a partial (0600) beside the target, which gets its name only when everything has
 * been verified. Exit codes: 0 done, 1 a file can't be read or written, 2 usage, 5 damaged or wrong key.
 */
import {
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  createVerify,
  ECDH,
  hkdfSync,
  randomBytes,
  scryptSync,
  timingSafeEqual,
} from 'node:crypto';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const USAGE = `Usage: node keyward-decrypt.mjs --key EXPORT.json [--key …] FILE [--out FILE]
  --key FILE              what "keyward keys export-material" wrote, a data key, or a keyring of raw AES keys
  --passphrase-file FILE  the passphrase of wrapped exports
  --context NAME=VALUE    AWS messages: a pair of the context that is required but not stored in the message
  --out FILE              where to; by default FILE without ".keyward", else FILE with ".decrypted"`;
const PIECE = 1 << 20;
const FINAL = 0xffffffff;

class Fail extends Error {
  constructor(code, message, exit = 5) {
    super(message);
    Object.assign(this, { code, exit });
  }
}
const usage = (message) => new Fail('Usage', message, 2);
const damaged = (why) => new Fail('FileDamaged', `The file is damaged. ${why}`);
const truncated = () =>
  new Fail('FileTruncated', 'The file is not whole: it ends too early. Fetch it again.');
const noKey = (why) => new Fail('WrongKey', `No key that was given opens this file. ${why}`);
const need = (holds, why) => {
  if (!holds) throw damaged(why);
};

const same = (a, b) => a.length === b.length && timingSafeEqual(a, b);
const hkdf = (hash, key, salt, info, length) => Buffer.from(hkdfSync(hash, key, salt, info, length));
const uint = (value, bytes) =>
  Buffer.from(
    BigInt(value)
      .toString(16)
      .padStart(2 * bytes, '0'),
    'hex',
  );

function gcm(key, iv, aad, tag) {
  const decipher = createDecipheriv(`aes-${8 * key.length}-gcm`, key, iv, { authTagLength: 16 });
  return decipher.setAAD(aad).setAuthTag(tag);
}

/** Opens ciphertext ‖ tag; undefined if it is not authentic. */
function open(key, iv, aad, sealed) {
  const decipher = gcm(key, iv, aad, sealed.subarray(-16));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** Reads big-endian fields; nothing is taken that is not there. */
class Reader {
  constructor(bytes, outOf) {
    Object.assign(this, { bytes, at: 0, outOf });
  }
  raw(length) {
    if (length > this.bytes.length - this.at) throw this.outOf();
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
  u8 = () => this.raw(1).readUInt8();
  u16 = () => this.raw(2).readUInt16BE();
  u32 = () => this.raw(4).readUInt32BE();
  sized = () => this.raw(this.u16());
}

/** The encrypted file. Every read is held against its length first, and is 1 MiB at most. */
class Input {
  constructor(path) {
    this.fd = fs.openSync(path, 'r');
    const stat = fs.fstatSync(this.fd);
    if (!stat.isFile()) throw usage(`${path} is not a file.`);
    this.size = stat.size;
  }
  read(at, length) {
    if (length > this.size - at) throw truncated();
    const bytes = Buffer.alloc(length);
    for (let done = 0; done < length; ) {
      const got = fs.readSync(this.fd, bytes, done, length - done, at + done);
      if (got === 0) throw truncated();
      done += got;
    }
    return bytes;
  }
  prefix = (most) => this.read(0, Math.min(most, this.size));
}

// ---- Encryption contexts: pairs of [name, value] in bytes

function readContext(bytes) {
  if (bytes.length === 0) return [];
  const reader = new Reader(bytes, () => damaged('Its encryption context is malformed.'));
  const pairs = Array.from({ length: reader.u16() }, () => [reader.sized(), reader.sized()]);
  need(pairs.length > 0 && reader.at === bytes.length, 'Its encryption context is malformed.');
  try {
    const text = new TextDecoder('utf-8', { fatal: true });
    for (const part of pairs.flat()) text.decode(part);
  } catch {
    throw damaged('Its encryption context is malformed.');
  }
  for (let i = 1; i < pairs.length; i++) {
    need(Buffer.compare(pairs[i - 1][0], pairs[i][0]) < 0, 'Its encryption context is not in order.');
  }
  return pairs;
}

function contextBytes(pairs) {
  if (pairs.length === 0) return Buffer.alloc(0);
  const sorted = [...pairs].sort(([a], [b]) => Buffer.compare(a, b));
  return Buffer.concat([
    uint(pairs.length, 2),
    ...sorted.flat().flatMap((part) => [uint(part.length, 2), part]),
  ]);
}

// ---- Keys

const hexOf = (value, ...lengths) =>
  typeof value === 'string' && /^([0-9a-f]{2})*$/.test(value) && lengths.includes(value.length / 2);
const base64Of = (value, ...lengths) => {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.alloc(0);
  return lengths.includes(bytes.length) ? bytes : undefined;
};

function addKeys(keys, text, passphrase, path) {
  const bad = (why) => usage(`${path}: ${why}`);
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    throw bad('this is not JSON.');
  }
  if (json?.format === 'keyward wrapped export') {
    const { n, r, p } = json;
    const salt = base64Of(json.salt, 32);
    const sane = [n, r, p].every((x) => Number.isInteger(x) && x > 0) && n <= 2 ** 20 && n * r * p <= 2 ** 23;
    const sealed = Buffer.from(String(json.sealed), 'base64');
    if (!sane || (n & (n - 1)) !== 0 || n < 2 || !salt || sealed.length < 17)
      throw bad('the export is malformed.');
    if (!passphrase) throw bad('this export is wrapped by a passphrase: give --passphrase-file FILE.');
    const key = scryptSync(passphrase, salt, 32, { N: n, r, p, maxmem: 2 ** 31 });
    const inner = open(key, Buffer.alloc(12), Buffer.from('keyward/1/wrapped-export'), sealed);
    if (!inner)
      throw new Fail('WrongPassphrase', `${path}: the passphrase is wrong, or the export was changed.`);
    addKeys(keys, inner, undefined, path);
  } else if (json?.format === 'keyward key material') {
    const material = base64Of(json.material, 32);
    const id = String(json.keyId).replaceAll('-', '');
    if (json.formatVersion !== 1 || !material || !hexOf(id, 16) || !hexOf(json.versionId, 32))
      throw bad('the exported key is malformed.');
    keys.materials.push({ id: id + json.versionId, material });
    const info = Buffer.concat([
      Buffer.from('keyward/1/esdk-raw-aes'),
      Buffer.from(id + json.versionId, 'hex'),
    ]);
    const name = `${json.keyId}/${json.versionId}`;
    keys.aes.push({ namespace: 'keyward', name, key: hkdf('sha512', material, '', info, 32) });
  } else if (json?.format === 'keyward data key') {
    const key = base64Of(json.dataKey, 16, 24, 32);
    if (!key || !hexOf(json.messageId, 16, 32)) throw bad('the data key is malformed.');
    keys.data.push({ messageId: json.messageId, key });
  } else if (Array.isArray(json?.keys)) {
    for (const { type, namespace, name, key } of json.keys) {
      const bytes = base64Of(key, 16, 24, 32);
      if (type !== 'raw-aes' || !bytes || typeof namespace !== 'string' || typeof name !== 'string')
        throw bad('each key of a keyring needs type "raw-aes", namespace, name and key.');
      keys.aes.push({ namespace, name, key: bytes });
    }
  } else throw bad('this is no key file that this tool knows.');
}

/** Data keys for a message that were given as such. */
const givenKeys = (keys, id) =>
  keys.data.filter((data) => data.messageId === id.toString('hex')).map(({ key }) => key);

// ---- Native files, docs/format.md

/** One header copy (section 3), or the Fail that tells why it is not good. */
function parseArea(area) {
  const reader = new Reader(area.subarray(0, -64), () => damaged('Its header breaks the rules.'));
  const sha256 = createHash('sha256').update(area.subarray(0, -32)).digest();
  try {
    need(same(sha256, area.subarray(-32)), 'The checksum of its header does not hold.');
    const known = area.readUInt32BE(8) === 0x10001 && area[12] <= 1 && area[13] === 0 && area[15] === 0;
    if (!known) return new Fail('NewerFormat', 'The file is of a newer format than this tool knows.');
    need(area[14] >= 12 && area[14] <= 24, 'Its frame length is impossible.');
    const messageId = reader.raw(52).subarray(20);
    const context = readContext(reader.sized());
    const contextEnd = reader.at + 2;
    const metadata = reader.sized();
    need(
      metadata.length === 0 ||
        (metadata.length % 256 === 16 && metadata.length > 16 && metadata.length <= 2064),
      'Its metadata has an impossible length.',
    );
    const immutable = area.subarray(0, reader.at);
    const commitment = reader.raw(32);
    const generation = reader.raw(8).readBigUInt64BE();
    const slots = Array.from({ length: Math.min(reader.u16(), 21) }, () => [reader.u16(), reader.sized()]);
    need(slots.length <= 20 && generation > 0n && generation < 1n << 53n, 'Its header breaks the rules.');
    need(
      reader.raw(reader.bytes.length - reader.at).every((byte) => byte === 0),
      'Its padding is not zero.',
    );
    return { area, messageId, context, contextEnd, metadata, immutable, commitment, generation, slots };
  } catch (error) {
    if (error instanceof Fail) return error;
    throw error;
  }
}

/** Section 7: the good copy with the higher generation; without a good first copy, the first good second one. */
function chooseHeader(prefix) {
  const magic = Buffer.from('KEYWARD\n');
  const stated = (at) =>
    prefix.length >= at + 20 && prefix.subarray(at, at + 8).equals(magic) ? prefix.readUInt32BE(at + 16) : 0;
  const copyAt = (at, length) => {
    if (stated(at) !== length || prefix.length < at + length) return undefined;
    return parseArea(prefix.subarray(at, at + length));
  };
  const good = (copy) => {
    if (copy instanceof Fail && copy.code === 'NewerFormat') throw copy;
    return copy !== undefined && !(copy instanceof Fail);
  };
  const claimed = stated(0);
  const length = claimed % 4096 === 0 && claimed >= 4096 && claimed <= 65536 ? claimed : 0;
  const first = length ? copyAt(0, length) : undefined;
  if (good(first)) {
    if (prefix.length < 2 * length) throw truncated();
    const second = copyAt(length, length);
    const secondGood = second !== undefined && !(second instanceof Fail);
    if (!secondGood || !second.area.equals(first.area)) note('The two copies of its header are not equal.');
    return secondGood && second.generation > first.generation ? second : first;
  }
  for (let at = 4096; at <= 65536; at += 4096) {
    const second = copyAt(at, at);
    if (!good(second)) continue;
    note('One of the two copies of its header is damaged; the other one was used.');
    return second;
  }
  const start = prefix.subarray(0, 8);
  if (start.length === 0 || !start.equals(magic.subarray(0, start.length)))
    throw new Fail(
      'NotKeywardFile',
      'This is neither a Keyward file nor a message of the AWS Encryption SDK.',
    );
  throw prefix.length < 2 * (length || 4096)
    ? truncated()
    : damaged('Both copies of its header are damaged.');
}

/** The data keys that open a native file's slots, one after the other (section 5.1). */
function* nativeKeys(header, keys) {
  yield* givenKeys(keys, header.messageId);
  const ownPair = [Buffer.from('keyward:message-id'), Buffer.from(header.messageId.toString('hex'))];
  const context = contextBytes([...header.context, ownPair]);
  for (const [kind, body] of header.slots) {
    if (kind !== 1) continue;
    const reader = new Reader(body, () => damaged('One of its slots is malformed.'));
    const id = Buffer.concat([reader.sized(), reader.sized()]);
    const blob = reader.sized();
    need(
      id.length === 48 && blob.length === 129 && reader.at === body.length,
      'One of its slots is malformed.',
    );
    need(
      blob[0] === 1 && blob.subarray(1, 49).equals(id),
      'One of its slots names another key than its blob.',
    );
    const head = blob.subarray(0, 81);
    for (const { material } of keys.materials.filter((one) => one.id === id.toString('hex'))) {
      const derived = hkdf('sha512', material, blob.subarray(49, 81), head, 44);
      const aad = Buffer.concat([head, context]);
      const dataKey = open(derived.subarray(0, 32), derived.subarray(32), aad, blob.subarray(81));
      if (dataKey) yield dataKey;
    }
  }
}

async function decryptNative(input, keys, sink) {
  const header = chooseHeader(input.prefix(131072));
  const { area, messageId, immutable, metadata, contextEnd } = header;
  const salt = createHash('sha512').update(immutable).digest();
  const derive = (dataKey, what) => hkdf('sha512', dataKey, salt, `keyward/1/${what}`, 32);
  for (const dataKey of nativeKeys(header, keys)) {
    if (!same(derive(dataKey, 'commit'), header.commitment)) continue;
    const mac = createHmac('sha512', derive(dataKey, 'header')).update(area.subarray(0, -64)).digest();
    need(same(mac.subarray(0, 32), area.subarray(-64, -32)), 'Its header was changed.');
    const metaKey = hkdf('sha512', dataKey, messageId, 'keyward/1/meta', 32);
    need(
      metadata.length === 0 || open(metaKey, Buffer.alloc(12), area.subarray(0, contextEnd), metadata),
      'Its metadata was changed.',
    );
    const body = {
      native: true,
      at: 2 * area.length,
      frameLength: 2 ** area[14],
      key: derive(dataKey, 'payload'),
    };
    const end = await decryptFrames(input, { ...body, messageId, onBytes: () => {} }, sink);
    return need(end === input.size, 'Bytes follow its last frame.');
  }
  const wanted = header.slots
    .filter(([kind]) => kind === 1)
    .map(([, body]) => slotName(body.subarray(2, 18), body.subarray(20, 52)));
  throw noKey(`It was encrypted under: ${wanted.join('; ') || 'no local key'}.`);
}

const slotName = (id, version) => `key ${id.toString('hex')}, version ${version.toString('hex')}`;

// ---- Messages of the AWS Encryption SDK

/** Suite id: bytes of the key, hash of the key derivation, curve and hash of the signature. */
const SUITES = {
  20: [16],
  70: [24],
  120: [32],
  276: [16, 'sha256'],
  326: [24, 'sha256'],
  376: [32, 'sha256'],
  532: [16, 'sha256', 'prime256v1', 'sha256'],
  838: [24, 'sha384', 'secp384r1', 'sha384'],
  888: [32, 'sha384', 'secp384r1', 'sha384'],
  1144: [32, 'sha512'],
  1400: [32, 'sha512', 'secp384r1', 'sha384'],
};

function readMessage(input) {
  const prefix = input.prefix(PIECE);
  const tooLong = () => new Fail('FileDamaged', 'The header of the message is longer than 1 MiB.');
  const reader = new Reader(prefix, () => (prefix.length < input.size ? tooLong() : truncated()));
  const version = reader.u8();
  need(version === 2 || reader.u8() === 0x80, 'The message is of an unknown type.');
  const suiteId = reader.raw(2);
  const suite = SUITES[suiteId.readUInt16BE()];
  const commits = suiteId[1] === 0x78 && suiteId[0] > 3;
  need(suite && (version === 2) === commits, 'The message names an unknown suite.');
  const messageId = reader.raw(version === 2 ? 32 : 16);
  const context = readContext(reader.sized());
  const slots = Array.from({ length: reader.u16() }, () => [reader.sized(), reader.sized(), reader.sized()]);
  const content = reader.u8();
  need(content === 1 || content === 2, 'The message has content of an unknown type.');
  if (version === 1)
    need(reader.raw(4).every((byte) => byte === 0) && reader.u8() === 12, 'Its header is malformed.');
  const frameLength = reader.u32();
  need(frameLength > 0 === (content === 2), 'Its frame length is impossible.');
  const commitment = commits ? reader.raw(32) : undefined;
  const header = prefix.subarray(0, reader.at);
  const iv = commits ? Buffer.alloc(12) : reader.raw(12);
  const tag = reader.raw(16);
  const all = prefix.subarray(0, reader.at);
  return { suiteId, suite, messageId, context, slots, frameLength, commitment, header, iv, tag, all };
}

/** The data keys that open a message's raw AES slots: provider = namespace, info = name ‖ tag bits ‖ IV length ‖ IV. */
function* messageKeys({ slots, messageId, suite }, context, keys) {
  yield* givenKeys(keys, messageId);
  const aad = contextBytes(context);
  for (const [provider, info, sealed] of slots) {
    for (const { namespace, name, key } of keys.aes) {
      const start = Buffer.concat([Buffer.from(name), uint(128, 4), uint(12, 4)]);
      const fits = provider.equals(Buffer.from(namespace)) && info.length === start.length + 12;
      if (!fits || !info.subarray(0, -12).equals(start) || sealed.length !== suite[0] + 16) continue;
      const dataKey = open(key, info.subarray(-12), aad, sealed);
      if (dataKey) yield dataKey;
    }
  }
}

/** The message key, if the data key is the message's: commitment and header tag verify. */
function messageKey({ suiteId, suite, messageId, commitment, header, iv, tag }, dataKey, required) {
  if (dataKey.length !== suite[0]) return undefined;
  let key = dataKey;
  if (commitment) {
    if (!same(hkdf('sha512', dataKey, messageId, 'COMMITKEY', 32), commitment)) return undefined;
    key = hkdf('sha512', dataKey, messageId, Buffer.concat([suiteId, Buffer.from('DERIVEKEY')]), 32);
  } else if (suite[1]) key = hkdf(suite[1], dataKey, '', Buffer.concat([suiteId, messageId]), suite[0]);
  return open(key, iv, Buffer.concat([header, contextBytes(required)]), tag) && key;
}

/** The context that counts, and the pairs of it that the message does not store. */
function wholeContext(stored, given) {
  const required = given.filter(([name, value]) => {
    const there = stored.find((pair) => pair[0].equals(name));
    if (there && !there[1].equals(value)) throw noKey(`Its context has another value for "${name}".`);
    return !there;
  });
  return { context: [...stored, ...required], required };
}

function verifierOf([, , curve, hash], context) {
  const pair = context.find(([name]) => name.toString() === 'aws-crypto-public-key');
  need((pair === undefined) === (curve === undefined), 'Its suite and its context differ about a signature.');
  if (curve === undefined) return undefined;
  try {
    const point = ECDH.convertKey(pair[1].toString(), curve, 'base64', undefined, 'uncompressed').subarray(1);
    const [x, y] = [0, 1].map((i) => point.subarray((i * point.length) / 2, ((i + 1) * point.length) / 2));
    const crv = curve === 'secp384r1' ? 'P-384' : 'P-256';
    const jwk = { kty: 'EC', crv, x: x.toString('base64url'), y: y.toString('base64url') };
    return { key: createPublicKey({ key: jwk, format: 'jwk' }), verify: createVerify(hash) };
  } catch {
    throw damaged('The public key in its context is malformed.');
  }
}

async function decryptMessage(input, keys, given, sink) {
  const message = readMessage(input);
  const { suite, slots, messageId, frameLength, all } = message;
  const { context, required } = wholeContext(message.context, given);
  const signature = verifierOf(suite, message.context);
  for (const dataKey of messageKeys(message, context, keys)) {
    const key = messageKey(message, dataKey, required);
    if (!key) continue;
    if (!message.commitment)
      note('This message does not commit to its key: another key may show another content.');
    const body = {
      at: all.length,
      frameLength,
      key,
      messageId,
      onBytes: (bytes) => signature?.verify.update(bytes),
    };
    body.onBytes(all);
    let end = await (frameLength ? decryptFrames(input, body, sink) : decryptBlock(input, body, sink));
    if (signature) {
      const signed = input.read(end + 2, input.read(end, 2).readUInt16BE());
      need(signature.verify.verify(signature.key, signed), 'Its signature does not verify.');
      end += 2 + signed.length;
    }
    return need(end === input.size, 'Bytes follow its end.');
  }
  const names = slots.map(([provider, info]) =>
    JSON.stringify(`${provider} ${info.toString('latin1')}`.slice(0, 200)),
  );
  throw noKey(`Its data key is wrapped by: ${names.slice(0, 20).join(', ')}.`);
}

// ---- Bodies, the same in both: section 9, and non-framed messages

/** Decrypts `length` bytes at `at`, and the tag behind them, piece by piece. */
async function decryptPart(input, { key, messageId, onBytes }, part, sink) {
  const { at, length, iv, label, number } = part;
  const aad = Buffer.concat([
    messageId,
    Buffer.from(`AWSKMSEncryptionClient ${label}`),
    uint(number, 4),
    uint(length, 8),
  ]);
  const tag = input.read(at + length, 16);
  const decipher = gcm(key, iv, aad, tag);
  for (let done = 0; done < length; done += PIECE) {
    const piece = input.read(at + done, Math.min(PIECE, length - done));
    onBytes(piece);
    sink(decipher.update(piece));
    // Lets a Ctrl-C through, whose handler removes the partial.
    await new Promise(setImmediate);
  }
  onBytes(tag);
  try {
    decipher.final();
  } catch {
    throw damaged(`Bytes ${at} to ${at + length + 16} (${label} ${number}) are not what was encrypted.`);
  }
  return at + length + 16;
}

async function decryptFrames(input, body, sink) {
  const { native, frameLength, onBytes } = body;
  for (let at = body.at, number = 1; ; number++) {
    const final = input.read(at, 4).readUInt32BE() === FINAL;
    const head = input.read(at, final ? 24 : 16);
    const [found, iv] = [head.readUInt32BE(final ? 4 : 0), head.subarray(final ? 8 : 4, final ? 20 : 16)];
    const length = final ? head.readUInt32BE(20) : frameLength;
    need(found === number, `At byte ${at} frame ${number} should stand.`);
    need(length <= frameLength, `Frame ${number} states an impossible length.`);
    need(
      !native || (iv.readUInt32BE(8) === number && iv.readBigUInt64BE() === 0n),
      `Frame ${number} has a wrong IV.`,
    );
    need(!native || !final || length > 0 || number === 1, 'Its last frame is empty.');
    onBytes(head);
    const label = final ? 'Final Frame' : 'Frame';
    at = await decryptPart(input, body, { at: at + head.length, length, iv, label, number }, sink);
    if (final) return at;
  }
}

async function decryptBlock(input, body, sink) {
  const head = input.read(body.at, 20);
  const stated = head.readBigUInt64BE(12);
  if (stated > BigInt(input.size)) throw truncated();
  body.onBytes(head);
  const part = {
    at: body.at + 20,
    length: Number(stated),
    iv: head.subarray(0, 12),
    label: 'Single Block',
    number: 1,
  };
  return decryptPart(input, body, part, sink);
}

// ---- The command

const note = (text) => console.error(`keyward-decrypt: note: ${text}`);
const taken = (path) => fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined;
const exists = (path) => new Fail('TargetExists', `${path} exists already. Give --out another name.`, 1);

/** Gives the partial its name unless that is taken: a link fails then; where there are no links, a check has to do. */
function rename(partial, out) {
  try {
    fs.linkSync(partial, out);
  } catch (error) {
    if (error.code === 'EEXIST' || taken(out)) throw exists(out);
    return fs.renameSync(partial, out);
  }
  fs.unlinkSync(partial);
}

/** A passphrase file's bytes without one final newline. */
function passphraseIn(path) {
  const bytes = fs.readFileSync(path);
  const ending = bytes.at(-1) !== 10 ? 0 : bytes.at(-2) === 13 ? 2 : 1;
  return bytes.subarray(0, bytes.length - ending);
}

function readArguments() {
  const text = { type: 'string' };
  const many = { ...text, multiple: true };
  const options = { key: many, context: many, out: text, 'passphrase-file': text, help: { type: 'boolean' } };
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (values.help || (positionals.length === 1 && values.key)) return { ...values, file: positionals[0] };
  } catch (error) {
    throw usage(`${error.message}\n${USAGE}`);
  }
  throw usage(USAGE);
}

async function main() {
  const { key, context = [], out, 'passphrase-file': secret, help, file } = readArguments();
  if (help) return console.log(USAGE);
  const keys = { materials: [], aes: [], data: [] };
  const passphrase = secret === undefined ? undefined : passphraseIn(secret);
  for (const path of key) addKeys(keys, fs.readFileSync(path, 'utf8'), passphrase, path);
  const given = context.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw usage('--context takes NAME=VALUE.');
    return [Buffer.from(pair.slice(0, at)), Buffer.from(pair.slice(at + 1))];
  });
  const target = out ?? (/.\.keyward$/.test(basename(file)) ? file.slice(0, -8) : `${file}.decrypted`);
  const input = new Input(file);
  if (taken(target)) throw exists(target);
  const partial = join(dirname(target), `.keyward-decrypt-${randomBytes(8).toString('hex')}.partial`);
  const fd = fs.openSync(partial, 'wx', 0o600);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      fs.unlinkSync(partial);
      process.exit(1);
    });
  }
  try {
    const start = input.prefix(4).toString('hex');
    const isMessage = /^(0180|020[45]78)/.test(start);
    const sink = (bytes) => fs.writeFileSync(fd, bytes);
    await (isMessage ? decryptMessage(input, keys, given, sink) : decryptNative(input, keys, sink));
    fs.fsyncSync(fd);
    fs.closeSync(fd);
    rename(partial, target);
    console.log(`Decrypted to ${target}`);
  } catch (error) {
    fs.rmSync(partial, { force: true });
    throw error;
  }
}

main().catch((error) => {
  const ours = error instanceof Fail;
  console.error(`keyward-decrypt: ${ours ? `${error.code}: ${error.message}` : error.message}`);
  process.exitCode = ours ? error.exit : 1;
});
