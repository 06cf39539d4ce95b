#!/usr/bin/env node
// Decrypts one file with exported keys, without Keyward: native files and AWS Encryption SDK messages (see
// docs/format.md). No dependencies; Node 18 or newer. The plaintext has its name only when all is verified.
// Until then it is keyward-decrypt-….partial in that folder: a kill -9 leaves that behind, delete it.
// Exits with 1: disk, 2: usage, 5: damaged or wrong key. Formatted by hand, to be read before it is trusted.
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const USAGE = `Usage: node keyward-decrypt.mjs --key FILE [--key FILE …] [--out FILE] ENCRYPTED-FILE
  --key FILE              what "keyward keys export-material" wrote, or a keyring of raw AES keys
  --passphrase-file FILE  the passphrase of wrapped exports
  --out FILE              where to; by default the name without ".keyward", else with ".decrypted"`;
const fail = (code, why, exit = 5) => { throw Object.assign(new Error(`${code}: ${why}`), { exit }); };
const damaged = (why) => fail('FileDamaged', `The file is damaged. ${why} Use another copy of it.`);
const truncated = () => fail('FileTruncated', 'The file ends too early. Fetch it again.');
const need = (holds, why) => holds || damaged(why);
const attempt = (act) => { try { return act(); } catch { return undefined; } };
// ---- Bytes
const ZEROS = Buffer.alloc(12);
const bytesOf = (text, encoding) => Buffer.from(String(text), encoding);
const uint = (value, size) => bytesOf(BigInt(value).toString(16).padStart(2 * size, '0'), 'hex');
const hash = (name, bytes) => crypto.createHash(name).update(bytes).digest();
const hkdf = (...from) => Buffer.from(crypto.hkdfSync(...from));
function gcm(key, iv, aad, tag) {
  const decipher = crypto.createDecipheriv(`aes-${8 * key.length}-gcm`, key, iv, { authTagLength: 16 });
  return decipher.setAAD(aad).setAuthTag(tag);
}
/** Opens ciphertext ‖ tag; undefined if it is not authentic. */
function open(key, iv, aad, sealed) {
  const decipher = gcm(key, iv, aad, sealed.subarray(-16));
  return attempt(() => Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]));
}
/** Bytes of the file, held against its length before there is memory for them. */
function read({ fd, size }, at, length) {
  const bytes = length > size - at ? truncated() : Buffer.alloc(length);
  for (let n = 0; n < length; ) n += fs.readSync(fd, bytes, n, length - n, at + n) || truncated();
  return bytes;
}
/** Takes fields off the front of bytes, big-endian, and nothing that is not there. */
class Fields {
  at = 0;
  constructor(bytes) { this.bytes = bytes; }
  raw(length) {
    this.at += length <= this.bytes.length - this.at ? length : damaged('A part of its header is cut.');
    return this.bytes.subarray(this.at - length, this.at);
  }
  uint = (length) => this.raw(length).readUIntBE(0, length);
  sized = () => this.raw(this.uint(2));
  list = (...item) => Array.from({ length: this.uint(2) }, () => item.map((take) => take()));
}
/** The pairs [name, value] of an encryption context, as bytes. */
function readContext(bytes) {
  const fields = new Fields(bytes);
  const pairs = bytes.length === 0 ? [] : fields.list(fields.sized, fields.sized);
  return need(fields.at === bytes.length, 'Its encryption context is malformed.') && pairs;
}
const byBytes = ([a], [b]) => Buffer.compare(a, b);
// The order of the client for JavaScript, unless it is told otherwise.
const byDictionary = ([a], [b]) => `${a}`.localeCompare(`${b}`, 'en');
function contextBytes(pairs, order = byBytes) {
  const sized = [...pairs].sort(order).flat().flatMap((part) => [uint(part.length, 2), part]);
  return Buffer.concat(pairs.length > 0 ? [uint(pairs.length, 2), ...sized] : []);
}
// ---- Keys: section 17
/** Adds what a key file holds: `materials` of versions, raw `aes` keys, `data` keys, `context` pairs. */
function addKeys(keys, file, text, passphrase) {
  const check = (holds, why) => holds || fail('Usage', `The key file ${file} can't be used: ${why}`, 2);
  const json = attempt(() => JSON.parse(text)) ?? {}; // What it throws would quote the keys.
  if (json.format === 'keyward wrapped export') {
    const { n: N, r, p } = json;
    const isCost = [N, r, p].every((one) => Number.isInteger(one) && one > 0 && one <= 2 ** 20);
    check(isCost && N * r * p <= 2 ** 23, 'bad scrypt cost.');
    check(passphrase, 'it is wrapped by a passphrase; give --passphrase-file.');
    const key = crypto.scryptSync(passphrase, bytesOf(json.salt, 'base64'), 32, { N, r, p, maxmem: 2 ** 31 });
    const inner = open(key, ZEROS, bytesOf('keyward/1/wrapped-export'), bytesOf(json.sealed, 'base64'));
    addKeys(keys, file, inner ?? fail('WrongPassphrase', 'Wrong passphrase, or the export was changed.'));
  } else if (json.format === 'keyward key material') {
    const [material, name] = [bytesOf(json.material, 'base64'), `${json.keyId}/${json.versionId}`];
    const id = bytesOf(name.replace(/[-/]/g, ''), 'hex');
    check(json.formatVersion === 1 && material.length === 32 && id.length === 48, 'it is malformed.');
    keys.materials.push({ id, material });
    const info = Buffer.concat([bytesOf('keyward/1/esdk-raw-aes'), id]);
    keys.aes.push({ namespace: 'keyward', name, key: hkdf('sha512', material, '', info, 32) });
  } else if (json.format === 'keyward data key') {
    const [key, messageId] = [bytesOf(json.dataKey, 'base64'), bytesOf(json.messageId, 'hex')];
    check([16, 24, 32].includes(key.length) && [16, 32].includes(messageId.length), 'it is malformed.');
    keys.data.push({ messageId, key });
  } else {
    check(Array.isArray(json.keys), 'this tool does not know what it is.');
    keys.nonCommitting ||= json.allowNonCommitting === true;
    keys.context.push(...Object.entries(json.context ?? {}).map((pair) => pair.map((part) => bytesOf(part))));
    for (const { type, namespace, name, key: text } of json.keys.map((one) => one ?? {})) {
      const key = bytesOf(text, 'base64');
      const isAes = type === 'raw-aes' && namespace && name && [16, 24, 32].includes(key.length);
      check(isAes, 'it has other keys than raw-aes.');
      keys.aes.push({ namespace, name, key });
    }
  }
}
// ---- Native files: sections 3 to 8
const MAGIC = Buffer.from('KEYWARD\n');
/** The header copy at `at`; undefined if it is not good. */
function headerCopy(start, at) {
  const length = start.length < at + 4096 ? 0 : start.readUInt32BE(at + 16);
  const area = start.subarray(at, at + length);
  const isArea = length > 0 && length % 4096 === 0 && length <= 65_536 && (at === 0 || at === length);
  if (!isArea || area.length < length || !area.subarray(0, 8).equals(MAGIC)) return undefined;
  if (!hash('sha256', area.subarray(0, -32)).equals(area.subarray(-32))) return undefined;
  const known = area.readUInt32BE(8) === 0x10001 && area[12] <= 1 && area[13] === 0 && area[15] === 0;
  if (!known) fail('NewerFormat', 'The file is of a newer format than this tool knows.');
  return attempt(() => {
    const fields = new Fields(area.subarray(0, -64));
    const [messageId, context] = [fields.raw(52).subarray(20), readContext(fields.sized())];
    const [contextEnd, metadata] = [fields.at + 2, fields.sized()];
    const [commitment, generation] = [fields.raw(32), fields.raw(8).readBigUInt64BE()];
    const slots = fields.list(() => fields.uint(2), fields.sized);
    return { area, messageId, context, contextEnd, metadata, commitment, generation, slots };
  });
}
/** Section 7: the good copy of the higher generation; without a good first one, the first good second one. */
function chooseHeader(start) {
  const [first, ...others] = Array.from({ length: 17 }, (_, i) => headerCopy(start, 4096 * i));
  const second = first ? others[first.area.length / 4096 - 1] : others.find((copy) => copy);
  const isOurs = start.length > 0 && MAGIC.subarray(0, start.length).equals(start.subarray(0, 8));
  if (!first && !second && !isOurs) fail('NotKeywardFile', 'Neither a Keyward file nor an AWS message.');
  if (start.length < 2 * (first?.area.length ?? 4096)) truncated();
  if (!first && !second) damaged('Both copies of its header are damaged.');
  if (!first || !second?.area.equals(first.area)) console.error('note: The two copies of its header differ.');
  return !first || second?.generation > first.generation ? second : first;
}
function readNative(file, keys) {
  const header = chooseHeader(read(file, 0, Math.min(131_072, file.size)));
  const { area, messageId, metadata } = header;
  const own = [bytesOf('keyward:message-id'), bytesOf(messageId.toString('hex'))];
  const context = contextBytes([...header.context, own]);
  const [wanted, dataKeys] = [[], []];
  for (const [, slot] of header.slots.filter(([kind]) => kind === 1)) {
    const fields = new Fields(slot);
    const [id, blob] = [Buffer.concat([fields.sized(), fields.sized()]), fields.sized()];
    const head = blob.subarray(0, 81);
    const fits = fields.at === slot.length && blob.length === 129 && blob[0] === 1;
    need(fits && head.subarray(1, 49).equals(id), 'One of its slots is malformed.');
    wanted.push(`key ${id.toString('hex', 0, 16)}, version ${id.toString('hex', 16)}`);
    for (const { material } of keys.materials.filter((one) => one.id.equals(id))) {
      const derived = hkdf('sha512', material, head.subarray(49), head, 44);
      const [key, iv] = [derived.subarray(0, 32), derived.subarray(32)];
      dataKeys.push(open(key, iv, Buffer.concat([head, context]), blob.subarray(81)));
    }
  }
  function keyFor(dataKey) {
    const salt = hash('sha512', area.subarray(0, header.contextEnd + metadata.length));
    const derive = (what, from = salt) => hkdf('sha512', dataKey, from, `keyward/1/${what}`, 32);
    if (!derive('commit').equals(header.commitment)) return undefined;
    const mac = crypto.createHmac('sha512', derive('header')).update(area.subarray(0, -64)).digest();
    need(mac.subarray(0, 32).equals(area.subarray(-64, -32)), 'Its header was changed.');
    const aad = area.subarray(0, header.contextEnd);
    need(!metadata.length || open(derive('meta', messageId), ZEROS, aad, metadata), 'Its metadata changed.');
    return derive('payload');
  }
  return { messageId, dataKeys, keyFor, wanted, at: 2 * area.length, frameLength: 2 ** area[14] };
}
// ---- Messages of the AWS Encryption SDK: section 16
// Suite id: bytes of the key, hash of the key derivation, hash of the signature. Version 2 begins at 0400.
const SUITES = {
  '0014': [16], '0046': [24], '0078': [32], '0114': [16, 'sha256'], '0146': [24, 'sha256'],
  '0178': [32, 'sha256'], '0214': [16, 'sha256', 'sha256'], '0346': [24, 'sha384', 'sha384'],
  '0378': [32, 'sha384', 'sha384'], '0478': [32, 'sha512'], '0578': [32, 'sha512', 'sha384'],
};
// What stands before a compressed point in a SubjectPublicKeyInfo of P-256 and P-384.
const P256 = '3039301306072a8648ce3d020106082a8648ce3d030107032200';
const P384 = '3046301006072a8648ce3d020106052b81040022033200';
/** The suite of a message that starts so, with 0x80 as its type in version 1; undefined if it is none. */
function suiteOf(start) {
  const v2 = start[0] === 2;
  const id = start.toString('hex', v2 ? 1 : 2, v2 ? 3 : 4);
  const isKnown = start.length >= 4 && (v2 ? id >= '04' : id < '04' && start.readUInt16BE() === 0x180);
  return isKnown ? SUITES[id] : undefined;
}
function readMessage(file, keys) {
  const start = read(file, 0, Math.min(1 << 20, file.size));
  const [size, kdf, signed] = suiteOf(start);
  const fields = new Fields(start);
  const v2 = fields.uint(1) === 2;
  const [suiteId, messageId] = [fields.raw(v2 ? 2 : 3).subarray(-2), fields.raw(v2 ? 32 : 16)];
  const stored = readContext(fields.sized());
  const slots = fields.list(fields.sized, fields.sized, fields.sized);
  // Framed or not; four bytes of zeros and the length of an IV in version 1.
  const [framed, ivLength, frameLength] = [fields.uint(1), v2 ? 12 : fields.uint(5), fields.uint(4)];
  const fits = framed === (frameLength > 0 ? 2 : 1) && ivLength === 12 && slots.length > 0;
  need(fits, 'Its header is malformed.');
  const [commitment, header] = [v2 && fields.raw(32), start.subarray(0, fields.at)];
  const [iv, tag, all] = [v2 ? ZEROS : fields.raw(12), fields.raw(16), start.subarray(0, fields.at)];
  const why = 'Its suite does not commit to a key; "allowNonCommitting": true in a keyring file permits it.';
  if (!v2 && !keys.nonCommitting) fail('UnsupportedOperationException', why);
  const there = (name) => stored.find((pair) => pair[0].equals(name))?.[1];
  const required = keys.context.filter(([name]) => !there(name));
  const agrees = keys.context.every(([name, value]) => (there(name) ?? value).equals(value));
  if (!agrees) fail('InvalidCiphertextException', 'Its context is not the one in the keyring file.');
  const point = there(bytesOf('aws-crypto-public-key'));
  need(!point === !signed, 'Its suite and its context differ about a signature.');
  const aads = [byBytes, byDictionary].map((order) => contextBytes([...stored, ...required], order));
  const dataKeys = slots.flatMap(([provider, info, sealed]) => {
    // A slot of a raw AES key: provider = namespace, info = name ‖ bits of the tag ‖ bytes of the IV ‖ IV.
    const named = (name) => Buffer.concat([bytesOf(name), uint(128, 4), uint(12, 4), info.subarray(-12)]);
    const isOf = ({ namespace, name }) => provider.equals(bytesOf(namespace)) && info.equals(named(name));
    const ours = sealed.length === size + 16 ? keys.aes.filter(isOf) : [];
    return ours.flatMap(({ key }) => aads.map((aad) => open(key, info.subarray(-12), aad, sealed)));
  });
  function keyFor(dataKey) {
    if (dataKey.length !== size) return undefined;
    const derive = (info) => hkdf(kdf, dataKey, v2 ? messageId : '', info, size);
    if (v2 && !derive('COMMITKEY').equals(commitment)) return undefined;
    const key = kdf ? derive(Buffer.concat([suiteId, v2 ? bytesOf('DERIVEKEY') : messageId])) : dataKey;
    return open(key, iv, Buffer.concat([header, contextBytes(required)]), tag) && key;
  }
  const wanted = slots.map(([provider, info]) => JSON.stringify(`${provider} ${info.toString('latin1')}`));
  return { messageId, dataKeys, keyFor, wanted, at: all.length, frameLength, all, point, signed };
}
// ---- Bodies, the same in both: section 9
async function decrypt(file, keys, message, sink) {
  const { point, signed, all, wanted } = message;
  const given = keys.data.filter((one) => one.messageId.equals(message.messageId)).map((one) => one.key);
  const dataKeys = [...given, ...message.dataKeys].filter((dataKey) => dataKey);
  const key = dataKeys.map(message.keyFor).find((one) => one);
  if (!key) fail('WrongKey', `No key that was given opens this file. It wants one of: ${wanted.join('; ')}`);
  const verifier = signed && crypto.createVerify(signed).update(all);
  const at = await decryptBody(file, { ...message, key, verifier }, sink);
  if (!signed) return need(at === file.size, 'Bytes follow its end.');
  const length = read(file, at, 2).readUInt16BE();
  const spki = Buffer.concat([bytesOf(signed === 'sha256' ? P256 : P384, 'hex'), bytesOf(point, 'base64')]);
  const holds = verifier.verify({ key: spki, format: 'der', type: 'spki' }, read(file, at + 2, length));
  return need(holds && at + 2 + length === file.size, 'Its signature does not verify.');
}
/** Decrypts frame after frame, or the one block of a message without frames; resolves to where that ends. */
async function decryptBody(file, { all, at: from, frameLength, key, messageId, verifier }, sink) {
  const single = frameLength === 0;
  for (let at = from, number = 1; ; number++) {
    const final = single || read(file, at, 4).readUInt32BE() === 0xffff_ffff;
    const head = read(file, at, single ? 20 : final ? 24 : 16);
    const iv = head.subarray(single ? 0 : final ? 8 : 4).subarray(0, 12);
    const length = single ? head.readBigUInt64BE(12) : BigInt(final ? head.readUInt32BE(20) : frameLength);
    need(single || head.readUInt32BE(final ? 4 : 0) === number, `Frame ${number} is not at byte ${at}.`);
    const isCanonical = uint(number, 12).equals(iv) && (length > 0 || number === 1);
    need(single || (length <= frameLength && (all || isCanonical)), `Frame ${number} is malformed.`);
    const end = at + head.length + Number(length);
    const tag = read(file, end, 16);
    const label = `AWSKMSEncryptionClient ${single ? 'Single Block' : final ? 'Final Frame' : 'Frame'}`;
    const aad = Buffer.concat([messageId, bytesOf(label), uint(number, 4), uint(length, 8)]);
    const decipher = gcm(key, iv, aad, tag);
    verifier?.update(head);
    for (at += head.length; at < end; at = Math.min(end, at + (1 << 20))) {
      const piece = read(file, at, Math.min(1 << 20, end - at));
      verifier?.update(piece);
      sink(decipher.update(piece));
      await new Promise(setImmediate); // Lets a Ctrl-C through.
    }
    verifier?.update(tag);
    at = end + 16;
    need(attempt(() => decipher.final()), `Up to byte ${at}, frame ${number}, it is not what was encrypted.`);
    if (final) return at;
  }
}
// ---- The command
async function main() {
  const [type, multiple] = ['string', true];
  const options = { key: { type, multiple }, out: { type }, 'passphrase-file': { type } };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const { key, out, 'passphrase-file': secret } = values;
  const [path] = positionals.length === 1 && key ? positionals : fail('Usage', USAGE, 2);
  const keys = { materials: [], aes: [], data: [], context: [], nonCommitting: false };
  // Without the newline that editors add; latin1 keeps every byte.
  const words = secret && bytesOf(fs.readFileSync(secret, 'latin1').replace(/\r?\n$/, ''), 'latin1');
  for (const one of key) addKeys(keys, one, fs.readFileSync(one, 'utf8'), words);
  const target = out ?? (/.\.keyward$/.test(basename(path)) ? path.slice(0, -8) : `${path}.decrypted`);
  fs.statSync(path).isFile() || fail('Usage', `${path} is not a file.`, 2);
  const file = { fd: fs.openSync(path, 'r'), size: fs.statSync(path).size };
  const thereNow = () => fs.lstatSync(target, { throwIfNoEntry: false });
  const refuseTaken = () => thereNow() && fail('TargetExists', `${target} is there already.`, 1);
  refuseTaken();
  const names = attempt(() => fs.readdirSync(dirname(target))) ?? [];
  const left = names.filter((one) => /^keyward-decrypt-\w{16}\.partial$/.test(one)).join(', ');
  if (left) console.error(`note: Unverified plaintext of another run, killed or under way: ${left}`);
  const partial = join(dirname(target), `keyward-decrypt-${crypto.randomBytes(8).toString('hex')}.partial`);
  process.on('exit', () => fs.rmSync(partial, { force: true }));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
  const fd = fs.openSync(partial, 'wx', 0o600);
  const header = suiteOf(read(file, 0, Math.min(4, file.size))) ? readMessage : readNative;
  await decrypt(file, keys, header(file, keys), (bytes) => fs.writeFileSync(fd, bytes));
  fs.fsyncSync(fd);
  // Fails if the name was taken meanwhile; some disks know no links.
  attempt(() => [fs.linkSync(partial, target)]) ?? [refuseTaken(), fs.renameSync(partial, target)];
  console.log(`Decrypted to ${target}`);
}
main().catch((error) => {
  console.error(`keyward-decrypt: ${error.message}`);
  process.exit(error.exit ?? (error.code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1));
});
