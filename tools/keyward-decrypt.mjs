#!/usr/bin/env node
/*
 * Decrypts one file with exported keys, without Keyward: native files and messages of the AWS Encryption SDK (all
 * eleven suites, raw AES keys). Section numbers are those of docs/format.md. No dependencies; Node 18 or newer.
 * The plaintext has its name only when all of it is verified. Exit codes: 0 done, 1 disk, 2 usage, 5 damaged or wrong key.
 */
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const USAGE = `Usage: node keyward-decrypt.mjs --key FILE [--key FILE …] [--out FILE] ENCRYPTED-FILE
  --key FILE              what "keyward keys export-material" wrote, or a keyring of raw AES keys
  --passphrase-file FILE  the passphrase of wrapped exports
  --out FILE              where to; by default the name without ".keyward", else with ".decrypted"`;

const fail = (code, message, exit = 5) => Object.assign(new Error(`${code}: ${message}`), { exit });
const usage = (message) => fail('Usage', message, 2);
const damaged = (why) => fail('FileDamaged', `The file is damaged. ${why} Use another copy of it.`);
const truncated = () => fail('FileTruncated', 'The file ends too early. Fetch it again.');
const note = (text) => console.error(`keyward-decrypt: note: ${text}`);
const need = (holds, why) => {
  if (!holds) throw damaged(why);
};

// ---- Bytes

const same = (a, b) => a.length === b.length && crypto.timingSafeEqual(a, b);
const uint = (value, bytes) =>
  Buffer.from(
    BigInt(value)
      .toString(16)
      .padStart(2 * bytes, '0'),
    'hex',
  );
const hkdf = (hash, key, salt, info, size) => Buffer.from(crypto.hkdfSync(hash, key, salt, info, size));

/** Opens ciphertext ‖ tag under AES-GCM; undefined if it is not authentic. */
function open(key, iv, aad, sealed) {
  const decipher = crypto.createDecipheriv(`aes-${8 * key.length}-gcm`, key, iv, { authTagLength: 16 });
  decipher.setAAD(aad).setAuthTag(sealed.subarray(-16));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** Bytes of the file, held against its length before there is memory for them. */
function read({ fd, size }, at, length) {
  if (length > size - at) throw truncated();
  const bytes = Buffer.alloc(length);
  if (fs.readSync(fd, bytes, 0, length, at) !== length) throw truncated();
  return bytes;
}

/** Takes fields off the front of bytes, big-endian, and nothing that is not there. */
class Reader {
  constructor(bytes, outOf) {
    Object.assign(this, { bytes, at: 0, outOf });
  }
  raw(length) {
    if (length > this.bytes.length - this.at) throw this.outOf();
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
  uint = (length) => this.raw(length).readUIntBE(0, length);
  sized = () => this.raw(this.uint(2));
  list = (most, item) => {
    const count = this.uint(2);
    need(count <= most, 'Its header lists too much.');
    return Array.from({ length: count }, item);
  };
}

const inOrder = (pairs) => [...pairs].sort(([a], [b]) => Buffer.compare(a, b));

/** An encryption context as pairs [name, value] of bytes in order, which native files must have stored so. */
function readContext(bytes, strict) {
  if (bytes.length === 0) return [];
  const why = 'Its encryption context is malformed.';
  const reader = new Reader(bytes, () => damaged(why));
  const pairs = reader.list(65_535, () => [reader.sized(), reader.sized()]);
  const sorted = inOrder(pairs);
  need(pairs.length > 0 && reader.at === bytes.length, why);
  need(
    pairs.flat().every((part) => Buffer.from(part.toString()).equals(part)),
    why,
  );
  need(
    sorted.every((pair, i) => i === 0 || !pair[0].equals(sorted[i - 1][0])),
    why,
  );
  need(!strict || sorted.every((pair, i) => pair === pairs[i]), why);
  return sorted;
}

function contextBytes(pairs) {
  const parts = inOrder(pairs).flat();
  return Buffer.concat([
    ...(pairs.length > 0 ? [uint(pairs.length, 2)] : []),
    ...parts.flatMap((part) => [uint(part.length, 2), part]),
  ]);
}

// ---- Keys: section 17

const hexOf = (value, ...sizes) => /^([0-9a-f]{2})*$/.test(value) && sizes.includes(value.length / 2);
const base64Of = (value) => Buffer.from(String(value), 'base64');
const isAes = (bytes) => [16, 24, 32].includes(bytes.length);

/** Adds what a key file holds: `materials` of versions, raw `aes` keys, `data` keys, `context` pairs. */
function addKeys(keys, text, passphrase) {
  const check = (holds, why) => {
    if (!holds) throw usage(`This key file can't be used: ${why}`);
  };
  const json = JSON.parse(text);
  if (json.format === 'keyward wrapped export') {
    const { n: N, r, p } = json;
    check(
      [N, r, p].every(Number.isInteger) && N <= 2 ** 20 && r > 0 && p > 0 && N * r * p <= 2 ** 23,
      'bad scrypt cost.',
    );
    check(passphrase, 'it is wrapped by a passphrase; give --passphrase-file.');
    const key = crypto.scryptSync(passphrase, base64Of(json.salt), 32, { N, r, p, maxmem: 2 ** 31 });
    const inner = open(key, Buffer.alloc(12), Buffer.from('keyward/1/wrapped-export'), base64Of(json.sealed));
    if (!inner) throw fail('WrongPassphrase', 'The passphrase is wrong, or the export was changed.');
    addKeys(keys, inner);
  } else if (json.format === 'keyward key material') {
    const [material, id] = [base64Of(json.material), `${json.keyId}${json.versionId}`.replaceAll('-', '')];
    check(json.formatVersion === 1 && material.length === 32 && hexOf(id, 48), 'it is malformed.');
    keys.materials.push({ id, material });
    const info = Buffer.concat([Buffer.from('keyward/1/esdk-raw-aes'), Buffer.from(id, 'hex')]);
    const key = hkdf('sha512', material, '', info, 32);
    keys.aes.push({ namespace: 'keyward', name: `${json.keyId}/${json.versionId}`, key });
  } else if (json.format === 'keyward data key') {
    const key = base64Of(json.dataKey);
    check(isAes(key) && hexOf(json.messageId, 16, 32), 'it is malformed.');
    keys.data.push({ messageId: json.messageId, key });
  } else {
    check(Array.isArray(json.keys), 'this tool does not know what it is.');
    keys.nonCommitting ||= json.allowNonCommitting === true;
    keys.context.push(
      ...Object.entries(json.context ?? {}).map((pair) => pair.map((part) => Buffer.from(part))),
    );
    for (const { type, namespace, name, key } of json.keys) {
      check(
        type === 'raw-aes' && namespace && name && isAes(base64Of(key)),
        'it has other keys than raw-aes.',
      );
      keys.aes.push({ namespace, name, key: base64Of(key) });
    }
  }
}

// ---- Native files: sections 3 to 8

/** The header copy at `at`, `length` bytes long; undefined if it is not good. */
function headerCopy(start, at, length) {
  const area = start.subarray(at, at + length);
  const stated = area.length >= 32 && area.subarray(0, 8).equals(MAGIC) && area.readUInt32BE(16);
  if (stated !== length || area.length !== length) return undefined;
  const sha256 = crypto.createHash('sha256').update(area.subarray(0, -32)).digest();
  if (!same(sha256, area.subarray(-32))) return undefined;
  const known = area.readUInt32BE(8) === 0x10001 && area[12] <= 1 && area[13] === 0 && area[15] === 0;
  if (!known) throw fail('NewerFormat', 'The file is of a newer format than this tool knows.');
  const reader = new Reader(area.subarray(0, -64), () => damaged('Its header is too short.'));
  try {
    const messageId = reader.raw(52).subarray(20);
    const context = readContext(reader.sized(), true);
    const contextEnd = reader.at + 2;
    const metadata = reader.sized();
    const immutable = area.subarray(0, reader.at);
    const commitment = reader.raw(32);
    const generation = reader.raw(8).readBigUInt64BE();
    const slots = reader.list(20, () => [reader.uint(2), reader.sized()]);
    const blocks = (metadata.length - 16) / 256;
    need(metadata.length === 0 || [1, 2, 3, 4, 5, 6, 7, 8].includes(blocks), 'metadata');
    need(area[14] >= 12 && area[14] <= 24 && generation > 0n && generation < 1n << 53n, 'bounds');
    need(
      area.subarray(reader.at, -64).every((byte) => byte === 0),
      'padding',
    );
    return { area, messageId, context, contextEnd, metadata, immutable, commitment, generation, slots };
  } catch {
    return undefined;
  }
}

const MAGIC = Buffer.from('KEYWARD\n');

/** Section 7: the good copy with the higher generation; without a good first one, the first good second one. */
function chooseHeader(start) {
  const stated = start.length >= 20 ? start.readUInt32BE(16) : 0;
  const length = stated % 4096 === 0 && stated <= 65_536 ? stated : 0;
  const first = headerCopy(start, 0, length);
  if (first && start.length < 2 * length) throw truncated();
  const places = first ? [length] : Array.from({ length: 16 }, (_, i) => 4096 * (i + 1));
  const second = places.map((at) => headerCopy(start, at, at)).find((copy) => copy);
  if (!first || !second?.area.equals(first.area)) note('The two copies of its header are not equal.');
  if (first) return second?.generation > first.generation ? second : first;
  if (second) return second;
  const isOurs = start.length > 0 && MAGIC.subarray(0, start.length).equals(start.subarray(0, 8));
  if (!isOurs)
    throw fail('NotKeywardFile', 'This is neither a Keyward file nor a message of the AWS Encryption SDK.');
  throw start.length < 2 * (length || 4096) ? truncated() : damaged('Both copies of its header are damaged.');
}

function readNative(file, keys) {
  const header = chooseHeader(read(file, 0, Math.min(131_072, file.size)));
  const { area, messageId, metadata } = header;
  const own = [Buffer.from('keyward:message-id'), Buffer.from(messageId.toString('hex'))];
  const context = contextBytes([...header.context, own]);
  const wanted = [];
  const dataKeys = header.slots.flatMap(([kind, slot]) => {
    if (kind !== 1) return [];
    const reader = new Reader(slot, () => damaged('One of its slots is malformed.'));
    const [id, blob] = [Buffer.concat([reader.sized(), reader.sized()]), reader.sized()];
    const fits = id.length === 48 && blob.length === 129 && reader.at === slot.length;
    need(fits && blob[0] === 1 && blob.subarray(1, 49).equals(id), 'One of its slots is malformed.');
    wanted.push(`key ${id.toString('hex', 0, 16)}, version ${id.toString('hex', 16)}`);
    const head = blob.subarray(0, 81);
    return keys.materials
      .filter((one) => one.id === id.toString('hex'))
      .map(({ material }) => {
        const derived = hkdf('sha512', material, blob.subarray(49, 81), head, 44);
        return open(
          derived.subarray(0, 32),
          derived.subarray(32),
          Buffer.concat([head, context]),
          blob.subarray(81),
        );
      });
  });
  function keyFor(dataKey) {
    const salt = crypto.createHash('sha512').update(header.immutable).digest();
    const derive = (what, from = salt) => hkdf('sha512', dataKey, from, `keyward/1/${what}`, 32);
    if (!same(derive('commit'), header.commitment)) return undefined;
    const mac = crypto.createHmac('sha512', derive('header')).update(area.subarray(0, -64)).digest();
    need(same(mac.subarray(0, 32), area.subarray(-64, -32)), 'Its header was changed.');
    const aad = area.subarray(0, header.contextEnd);
    const sound = metadata.length === 0 || open(derive('meta', messageId), Buffer.alloc(12), aad, metadata);
    need(sound, 'Its metadata was changed.');
    return derive('payload');
  }
  return {
    messageId,
    dataKeys,
    keyFor,
    wanted,
    native: true,
    at: 2 * area.length,
    frameLength: 2 ** area[14],
  };
}

// ---- Messages of the AWS Encryption SDK: section 16

// Suite id: bytes of the key, hash of the key derivation, hash of the signature.
const OLD = { 20: [16], 70: [24], 120: [32], 276: [16, 'sha256'], 326: [24, 'sha256'], 376: [32, 'sha256'] };
const SIGNED = {
  532: [16, 'sha256', 'sha256'],
  838: [24, 'sha384', 'sha384'],
  888: [32, 'sha384', 'sha384'],
};
const COMMITTING = { 1144: [32, 'sha512'], 1400: [32, 'sha512', 'sha384'] };
// What stands before a compressed point in a SubjectPublicKeyInfo of P-256 and P-384.
const SPKI = {
  sha256: '3039301306072a8648ce3d020106082a8648ce3d030107032200',
  sha384: '3046301006072a8648ce3d020106052b81040022033200',
};

function suiteOf(start) {
  const [at, suites] = start[0] === 2 ? [1, COMMITTING] : [2, { ...OLD, ...SIGNED }];
  const known = start.length >= 4 && (start[0] === 2 || (start[0] === 1 && start[1] === 0x80));
  return known ? suites[start.readUInt16BE(at)] : undefined;
}

function readMessage(file, keys) {
  const start = read(file, 0, Math.min(1 << 20, file.size));
  const reader = new Reader(start, () =>
    start.length < file.size ? damaged('Its header is too long.') : truncated(),
  );
  const [size, hash, signed] = suiteOf(start);
  const v2 = reader.uint(1) === 2;
  if (!v2) reader.raw(1);
  const suiteId = reader.raw(2);
  const messageId = reader.raw(v2 ? 32 : 16);
  const stored = readContext(reader.sized(), false);
  const slots = reader.list(20, () => [reader.sized(), reader.sized(), reader.sized()]);
  const framed = reader.uint(1);
  need(
    slots.length > 0 && (v2 || (reader.uint(4) === 0 && reader.uint(1) === 12)),
    'Its header is malformed.',
  );
  const frameLength = reader.uint(4);
  need(framed === (frameLength > 0 ? 2 : 1), 'Its frame length is impossible.');
  const commitment = v2 && reader.raw(32);
  const header = start.subarray(0, reader.at);
  const [iv, tag] = [v2 ? Buffer.alloc(12) : reader.raw(12), reader.raw(16)];
  const why =
    'Its suite does not commit to one key. Permit it by "allowNonCommitting": true in the keyring file.';
  if (!v2 && !keys.nonCommitting) throw fail('UnsupportedOperationException', why);
  const there = (name) => stored.find((pair) => pair[0].equals(name))?.[1];
  const required = keys.context.filter(([name]) => !there(name));
  if (!keys.context.every(([name, value]) => (there(name) ?? value).equals(value))) {
    throw fail('InvalidCiphertextException', 'Its encryption context is not the one in the keyring file.');
  }
  const aad = contextBytes([...stored, ...required]);
  // Slots of raw AES keys: provider = namespace, info = name ‖ bits of the tag ‖ bytes of the IV ‖ IV.
  const dataKeys = slots.flatMap(([provider, info, sealed]) =>
    keys.aes.map(({ namespace, name, key }) => {
      const named = Buffer.concat([Buffer.from(name), uint(128, 4), uint(12, 4)]);
      const fits = provider.equals(Buffer.from(namespace)) && named.equals(info.subarray(0, -12));
      return fits && sealed.length === size + 16 ? open(key, info.subarray(-12), aad, sealed) : undefined;
    }),
  );
  function keyFor(dataKey) {
    if (dataKey.length !== size) return undefined;
    const derive = (info) => hkdf(hash, dataKey, v2 ? messageId : '', info, size);
    if (v2 && !same(derive('COMMITKEY'), commitment)) return undefined;
    const info = Buffer.concat([suiteId, v2 ? Buffer.from('DERIVEKEY') : messageId]);
    const key = hash ? derive(info) : dataKey;
    return open(key, iv, Buffer.concat([header, contextBytes(required)]), tag) && key;
  }
  const point = there(Buffer.from('aws-crypto-public-key'));
  need(
    (point === undefined) === (signed === undefined),
    'Its suite and its context differ about a signature.',
  );
  const wanted = slots.map(([provider, info]) => JSON.stringify(`${provider} ${info.toString('latin1')}`));
  const all = start.subarray(0, reader.at);
  return { messageId, dataKeys, keyFor, wanted, at: all.length, frameLength, all, point, signed };
}

// ---- Bodies, the same in both: section 9

function decrypt(file, keys, message, sink) {
  const { messageId, point, signed, all } = message;
  const given = keys.data.filter((one) => one.messageId === messageId.toString('hex')).map(({ key }) => key);
  for (const dataKey of [...given, ...message.dataKeys]) {
    const key = dataKey && message.keyFor(dataKey);
    if (!key) continue;
    const verifier = signed && crypto.createVerify(signed).update(all);
    return decryptBody(file, { ...message, key, verifier }, sink).then((at) => {
      if (!signed) return need(at === file.size, 'Bytes follow its end.');
      const length = read(file, at, 2).readUInt16BE();
      const spki = Buffer.concat([Buffer.from(SPKI[signed], 'hex'), Buffer.from(point.toString(), 'base64')]);
      const holds = verifier.verify({ key: spki, format: 'der', type: 'spki' }, read(file, at + 2, length));
      need(holds && at + 2 + length === file.size, 'Its signature does not verify.');
    });
  }
  throw fail(
    'WrongKey',
    `No key that was given opens this file. It was encrypted under: ${message.wanted.join('; ')}`,
  );
}

/** Decrypts frame after frame, or the one block of a message without frames; resolves to where the body ends. */
async function decryptBody(file, { native, at: from, frameLength, key, messageId, verifier }, sink) {
  const single = frameLength === 0;
  for (let at = from, number = 1; ; number++) {
    const final = single || read(file, at, 4).readUInt32BE() === 0xffff_ffff;
    const head = read(file, at, single ? 20 : final ? 24 : 16);
    const iv = single ? head.subarray(0, 12) : head.subarray(final ? 8 : 4, final ? 20 : 16);
    const length = single ? head.readBigUInt64BE(12) : BigInt(final ? head.readUInt32BE(20) : frameLength);
    if (!single)
      need(head.readUInt32BE(final ? 4 : 0) === number, `At byte ${at} frame ${number} should stand.`);
    need(single || length <= frameLength, `Frame ${number} states an impossible length.`);
    need(
      !native || (uint(number, 12).equals(iv) && (length > 0 || number === 1)),
      `Frame ${number} is malformed.`,
    );
    if (length > file.size) throw truncated();
    verifier?.update(head);
    at += head.length;
    const end = at + Number(length);
    const label = Buffer.from(
      `AWSKMSEncryptionClient ${single ? 'Single Block' : final ? 'Final Frame' : 'Frame'}`,
    );
    const tag = read(file, end, 16);
    const decipher = crypto.createDecipheriv(`aes-${8 * key.length}-gcm`, key, iv, { authTagLength: 16 });
    decipher.setAAD(Buffer.concat([messageId, label, uint(number, 4), uint(length, 8)])).setAuthTag(tag);
    for (; at < end; at = Math.min(end, at + (1 << 20))) {
      const piece = read(file, at, Math.min(1 << 20, end - at));
      verifier?.update(piece);
      sink(decipher.update(piece));
      // Lets a Ctrl-C through.
      await new Promise(setImmediate);
    }
    verifier?.update(tag);
    try {
      decipher.final();
    } catch {
      throw damaged(`Up to byte ${end + 16} (frame ${number}) it is not what was encrypted.`);
    }
    at = end + 16;
    if (final) return at;
  }
}

// ---- The command

function readArguments() {
  const text = { type: 'string' };
  const options = { key: { ...text, multiple: true }, out: text, 'passphrase-file': text };
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (positionals.length === 1 && values.key) return { ...values, path: positionals[0] };
  } catch (error) {
    throw usage(`${error.message}\n${USAGE}`);
  }
  throw usage(USAGE);
}

async function main() {
  const { key, path, out, 'passphrase-file': secret } = readArguments();
  const keys = { materials: [], aes: [], data: [], context: [], nonCommitting: false };
  // Without the newline that editors add; latin1 keeps every byte.
  const words = secret && Buffer.from(fs.readFileSync(secret, 'latin1').replace(/\r?\n$/, ''), 'latin1');
  for (const one of key) addKeys(keys, fs.readFileSync(one, 'utf8'), words);
  const target = out ?? (/.\.keyward$/.test(basename(path)) ? path.slice(0, -8) : `${path}.decrypted`);
  const file = { fd: fs.openSync(path, 'r'), size: fs.statSync(path).size };
  if (fs.lstatSync(target, { throwIfNoEntry: false }))
    throw fail('TargetExists', `${target} is there already.`, 1);
  const partial = join(dirname(target), `.keyward-decrypt-${crypto.randomBytes(8).toString('hex')}.partial`);
  const fd = fs.openSync(partial, 'wx', 0o600);
  process.on('exit', () => fs.rmSync(partial, { force: true }));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
  const message = suiteOf(read(file, 0, Math.min(4, file.size)))
    ? readMessage(file, keys)
    : readNative(file, keys);
  await decrypt(file, keys, message, (bytes) => fs.writeFileSync(fd, bytes));
  fs.fsyncSync(fd);
  fs.closeSync(fd);
  try {
    // Fails if the name was taken meanwhile.
    fs.linkSync(partial, target);
  } catch (error) {
    if (error.code === 'EEXIST') throw fail('TargetExists', `${target} is there already.`, 1);
    fs.renameSync(partial, target);
  }
  console.log(`Decrypted to ${target}`);
}

main().catch((error) => {
  console.error(`keyward-decrypt: ${error.message}`);
  process.exit(error.exit ?? 1);
});
