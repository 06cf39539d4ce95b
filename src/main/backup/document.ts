import { z } from 'zod';
import type { Json } from '../../shared/errors.ts';
import { canonicalJson } from './canonical.ts';
import { deviceFacts } from './device.ts';
import { sealedMaterial } from './material.ts';

/** Longest backup that is read, in bytes. */
export const MAX_BACKUP_BYTES = 512 << 20;

const MAX_ROWS = 4_000_000;
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const whole = z.number().int().nonnegative();
const json = z.json() as unknown as z.ZodType<Json>;
const head = z.strictObject({ seq: whole, hash });

const segment = z.strictObject({
  n: whole,
  firstSeq: whole,
  publicKey: hash,
  certificate: z.base64(),
  lastSeq: whole.nullable(),
  head: hash.nullable(),
  seal: z.base64().nullable(),
});

const use = z.strictObject({ event: z.string().max(128), time: z.iso.datetime(), id: z.string().max(64) });

const document = z.strictObject({
  keyward: z.literal('backup/1'),
  vault: z.strictObject({
    id: z.uuid(),
    account: z.string().regex(/^\d{12}$/),
    region: z.string().regex(/^[a-z0-9-]{1,32}$/),
    throwAway: z.literal(false),
    created: z.number().int(),
  }),
  device: deviceFacts,
  sequence: z.number().int().min(1),
  created: z.iso.datetime(),
  /** 32 bytes in base64. */
  rootKey: z.base64().length(44),
  material: z.array(sealedMaterial).max(MAX_ROWS),
  /** Room, id and body of each row; the body as the very text that is stored, so that rows can be compared. */
  records: z
    .array(z.tuple([z.string().min(1).max(64), z.string().max(4_096), z.string().max(1 << 20)]))
    .max(MAX_ROWS),
  log: z.strictObject({
    firstKey: hash,
    head,
    segments: z.array(segment).max(MAX_ROWS),
    lastUses: z.array(z.tuple([z.string().max(2_048), use])).max(MAX_ROWS),
  }),
  /** Message id and entry of each file, as the catalog packs it. */
  catalog: z.array(z.tuple([hash, json])).max(MAX_ROWS),
  /** Whether the log's entries are inside. */
  entries: z.literal(false),
});

/** What a backup holds: everything that opens every file, and by which the vault is known again. */
export type BackupDocument = z.output<typeof document>;

/**
 * Rooms of records that stay out: what is this installation's own (its device, what it knows of its backups, its log's
 * head and private key), what is written anew with the database (identity, protectors, sums over tables).
 */
export const ROOMS_LEFT_OUT: readonly string[] = [
  'audit',
  'audit-epochs',
  'backups',
  'device',
  'protectors',
  'sets',
  'vault',
];

/** The document in its one form, UTF-8. It holds the root key: the caller wipes it. */
export function encodeDocument(value: BackupDocument): Buffer {
  return Buffer.from(canonicalJson(value as Json));
}

/** Whether `readDocument` would read it again. */
export function isRestorable(value: BackupDocument): boolean {
  return document.safeParse(value).success;
}

/** Reads what an opened backup holds; `undefined` for anything else. */
export function readDocument(bytes: Buffer): BackupDocument | undefined {
  if (bytes.length > MAX_BACKUP_BYTES) return undefined;
  try {
    return document.safeParse(JSON.parse(bytes.toString())).data;
  } catch {
    return undefined;
  }
}
