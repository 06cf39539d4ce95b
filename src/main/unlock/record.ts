import { equalBytes, uuidBytes, uuidText } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import type { Argon2Cost } from '../crypto/passphrase.ts';

/** The ways to the root key that this version knows. */
const PROTECTOR_KINDS = ['keychain', 'passphrase', 'recovery-phrase', 'shares'] as const;

/** One of them. */
export type ProtectorKind = (typeof PROTECTOR_KINDS)[number];

/** What a protector's record says in clear. `created` in ms since 1970; `cost` stands with a passphrase only. */
export type ProtectorFacts = {
  readonly id: string;
  readonly kind: ProtectorKind;
  readonly vaultId: string;
  readonly created: number;
  readonly salt: Buffer;
  readonly cost?: Argon2Cost;
};

/**
 * A whole record: its facts, the bytes that stand for them, the key-check value and the wrapped root key. `sealing`: how it
 * is wrapped, under a key of the secret's or as an age file to the recipient of a recovery secret, which nobody needs at
 * hand to make it.
 */
export type ProtectorRecord = {
  readonly facts: ProtectorFacts;
  readonly header: Buffer;
  readonly check: Buffer;
  readonly wrapped: Buffer;
  readonly sealing: 'key' | 'age';
};

/** One protector, ready to be stored. */
export type NewProtector = { readonly id: string; readonly kind: ProtectorKind; readonly record: Buffer };

const MAGIC = { key: Buffer.from('KWPROT1\n'), age: Buffer.from('KWPROT2\n') };
/** Which kinds may be wrapped how; a phrase's was wrapped by a key before there were age files. */
const SEALED_BY: { readonly [S in ProtectorRecord['sealing']]: readonly ProtectorKind[] } = {
  key: ['keychain', 'passphrase', 'recovery-phrase'],
  age: ['recovery-phrase', 'shares'],
};

const HEADER = 8 + 1 + 16 + 16 + 8 + 32 + 12;
const CHECK = 16;
const WRAPPED = 32 + 32 + 16;
const CHECKSUM = 32;
const LENGTH = HEADER + CHECK + WRAPPED + CHECKSUM;
/** An age file with one recipient and a hundred bytes is far smaller. */
const MOST = 16_384;

/**
 * The bytes of the facts, which the wrapped root key is bound to: magic 8 ‖ kind u8 ‖ id 16 ‖ vault id 16 ‖
 * created u64 ‖ salt 32 ‖ Argon2id memory in KiB u32 ‖ passes u32 ‖ lanes u32, the last three zero where there
 * is no passphrase. Where the root key is an age file the magic has a 2.
 */
export function recordHeader(facts: ProtectorFacts, sealing: ProtectorRecord['sealing'] = 'key'): Buffer {
  const numbers = Buffer.alloc(8 + 12);
  numbers.writeBigUInt64BE(BigInt(facts.created));
  numbers.writeUInt32BE(facts.cost?.memoryKiB ?? 0, 8);
  numbers.writeUInt32BE(facts.cost?.passes ?? 0, 12);
  numbers.writeUInt32BE(facts.cost?.lanes ?? 0, 16);
  return Buffer.concat([
    MAGIC[sealing],
    Buffer.of(PROTECTOR_KINDS.indexOf(facts.kind) + 1),
    uuidBytes(facts.id) ?? Buffer.alloc(16),
    uuidBytes(facts.vaultId) ?? Buffer.alloc(16),
    numbers.subarray(0, 8),
    facts.salt,
    numbers.subarray(8),
  ]);
}

/** The record as it is stored: header ‖ key-check value 16 ‖ wrapped root key, 80 or an age file ‖ SHA-256 over all before it. */
export function encodeRecord(header: Buffer, check: Buffer, wrapped: Buffer): Buffer {
  const bytes = Buffer.concat([header, check, wrapped]);
  return Buffer.concat([bytes, sha256(bytes)]);
}

/** Reads a record; `undefined` if its checksum does not hold or it makes no sense: then it is damaged. */
export function decodeRecord(bytes: Buffer): ProtectorRecord | undefined {
  if (bytes.length < LENGTH || bytes.length > MOST) return undefined;
  const sealing = bytes.subarray(0, 8).equals(MAGIC.age) ? 'age' : 'key';
  if (sealing === 'key' && bytes.length !== LENGTH) return undefined;
  const split = bytes.length - CHECKSUM;
  if (!equalBytes(sha256(bytes.subarray(0, split)), bytes.subarray(split))) return undefined;
  const kind = PROTECTOR_KINDS[(bytes[8] ?? 0) - 1];
  if (kind === undefined || !bytes.subarray(0, 8).equals(MAGIC[sealing])) return undefined;
  if (!SEALED_BY[sealing].includes(kind)) return undefined;
  const cost = {
    memoryKiB: bytes.readUInt32BE(HEADER - 12),
    passes: bytes.readUInt32BE(HEADER - 8),
    lanes: bytes.readUInt32BE(HEADER - 4),
  };
  return {
    facts: {
      id: uuidText(bytes.subarray(9, 25)),
      kind,
      vaultId: uuidText(bytes.subarray(25, 41)),
      created: Number(bytes.readBigUInt64BE(41)),
      salt: Buffer.from(bytes.subarray(49, 81)),
      ...(kind === 'passphrase' ? { cost } : {}),
    },
    header: Buffer.from(bytes.subarray(0, HEADER)),
    check: Buffer.from(bytes.subarray(HEADER, HEADER + CHECK)),
    wrapped: Buffer.from(bytes.subarray(HEADER + CHECK, split)),
    sealing,
  };
}
