import { z } from 'zod';
import { freshUnlock, keyReference, none, secretBytes } from './contract-basics.ts';

/* The part of the contract that is about keys. */

const aliasName = z.string().min(1).max(256);
const description = z.string().max(8_192);
const days = z.number().int().min(90).max(2_560);
const oneKey = z.strictObject({ key: keyReference });

/** A key in a list. */
export const keySummary = z.object({
  keyId: z.string(),
  arn: z.string(),
  aliases: z.array(z.string()),
  description: z.string(),
  state: z.enum(['Enabled', 'Disabled', 'PendingDeletion', 'PendingImport']),
  createdAt: z.string(),
  /** AWS's `KeySpec` and `KeyUsage`. */
  spec: z.string(),
  usage: z.string(),
  currentVersion: z.string(),
  /** Of imported material only: 0 until some was imported. */
  versions: z.number().int().nonnegative(),
  /** While deletion is pending: when the key may be shredded. */
  deletionDate: z.string().optional(),
  /** Made by the vault for itself: rotated every year, and nobody can change it. */
  managed: z.literal(true).optional(),
  /** Automatic rotation: its interval in days, and the date of the next one. */
  rotation: z.object({ days: z.number().int(), next: z.string() }).optional(),
});

/** A version of a key; `version` is its random id of 64 hex digits. */
const keyVersion = z.object({
  version: z.string(),
  createdAt: z.string(),
  current: z.boolean(),
  /** How it came to be; missing for the version that a key was made with. */
  rotation: z.enum(['ON_DEMAND', 'AUTOMATIC']).optional(),
  /** When its material first left the vault; missing while it has not. */
  exportedAt: z.string().optional(),
  /** Since when nothing that was encrypted under it opens; missing while it does. */
  disabledAt: z.string().optional(),
  /** Of imported material: whether it is there, when it expires, what it was called. */
  imported: z
    .object({ here: z.boolean(), expiresAt: z.string().optional(), description: z.string().optional() })
    .optional(),
  /** Imported material that the next rotation makes the current one. */
  pendingRotation: z.literal(true).optional(),
});

const tag = z.strictObject({ key: z.string().min(1).max(128), value: z.string().max(256) });
const tags = z.array(tag).max(50);

/** A key with all that is known of it; versions oldest first. `algorithms`: what it works with, as AWS names it. */
const keyDetail = keySummary.extend({
  /** `EXTERNAL`: of a key whose material is imported. */
  origin: z.enum(['AWS_KMS', 'EXTERNAL']),
  algorithms: z.array(z.string()),
  tags: z.array(tag),
  history: z.array(keyVersion),
});

/**
 * What this vault remembers of the files under a key; copies elsewhere are not known. Sizes are of plaintext;
 * `newest` are some of the files, the latest first.
 */
const keyFiles = z.object({
  files: z.number().int().nonnegative(),
  bytes: z.number().nonnegative(),
  versions: z.array(
    z.object({ version: z.string(), files: z.number().int().positive(), bytes: z.number().nonnegative() }),
  ),
  newest: z.array(z.object({ path: z.string(), bytes: z.number().nonnegative(), at: z.string() })),
});

/** The methods. */
export const keyMethods = {
  'keys.list': { needs: 'asks', input: none, output: z.object({ keys: z.array(keySummary) }) },
  /** Without `spec` and `usage` a symmetric key for files; `rotation`: the interval of automatic rotation, in days. */
  'keys.create': {
    needs: 'asks',
    input: z.strictObject({
      alias: aliasName,
      description,
      spec: z.string().max(64).optional(),
      usage: z.string().max(64).optional(),
      rotation: days.optional(),
      /** The key begins without material, which is imported later. */
      external: z.literal(true).optional(),
      tags: tags.optional(),
    }),
    output: keySummary,
  },
  'keys.describe': { needs: 'asks', input: oneKey, output: keyDetail },
  'keys.files': { needs: 'keyward:ReadCatalog', input: oneKey, output: keyFiles },
  /** The public key of an asymmetric key, as a PEM of its SubjectPublicKeyInfo. */
  'keys.publicKey': { needs: 'asks', input: oneKey, output: z.object({ pem: z.string() }) },
  'keys.setDescription': {
    needs: 'asks',
    input: z.strictObject({ key: keyReference, description }),
    output: keySummary,
  },
  /** The tags as they are to be, in place of those that are there. */
  'keys.setTags': { needs: 'asks', input: z.strictObject({ key: keyReference, tags }), output: keyDetail },
  'keys.addAlias': {
    needs: 'asks',
    input: z.strictObject({ key: keyReference, alias: aliasName }),
    output: keySummary,
  },
  /** Gives a name that is in use to another key of the same kind. */
  'keys.moveAlias': {
    needs: 'asks',
    input: z.strictObject({ key: keyReference, alias: aliasName }),
    output: keySummary,
  },
  /** Takes a name away; the answer is the key that had it. */
  'keys.removeAlias': { needs: 'asks', input: z.strictObject({ alias: aliasName }), output: keySummary },
  'keys.rotate': { needs: 'asks', input: oneKey, output: keySummary },
  'keys.enable': { needs: 'asks', input: oneKey, output: keySummary },
  'keys.disable': { needs: 'asks', input: oneKey, output: keySummary },
  /** After `days`, 7 to 30, the key may be shredded. */
  'keys.scheduleDeletion': {
    needs: 'asks',
    input: z.strictObject({ key: keyReference, days: z.number().int().min(7).max(30) }),
    output: keySummary,
  },
  'keys.cancelDeletion': { needs: 'asks', input: oneKey, output: keySummary },
  /** The interval of automatic rotation in days, 90 to 2560; null: no automatic rotation. */
  'keys.setRotation': {
    needs: 'asks',
    input: z.strictObject({ key: keyReference, days: days.nullable() }),
    output: keySummary,
  },
  /** Revokes one version, or takes that back. `version`: its id, or 8 digits or more from its beginning. */
  'keys.setVersion': {
    needs: 'asks',
    input: z.strictObject({
      key: keyReference,
      version: z.string().regex(/^[0-9a-f]{8,64}$/, 'must be a version id, or at least its first 8 digits'),
      enabled: z.boolean(),
    }),
    output: keyDetail,
  },
  /** `document`: the text of the export, for a file; `wrap`: a passphrase in base64 that protects it. */
  'keys.exportMaterial': {
    needs: 'asks',
    input: z.strictObject({
      key: keyReference,
      version: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .optional(),
      form: z.enum(['material', 'aws']),
      wrap: secretBytes.optional(),
      credential: freshUnlock,
    }),
    output: z.object({ keyId: z.string(), version: z.string(), document: z.string() }),
  },
} as const;

export type KeySummary = z.output<typeof keySummary>;
export type KeyDetail = z.output<typeof keyDetail>;
export type KeyFiles = z.output<typeof keyFiles>;
