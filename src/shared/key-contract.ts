import { z } from 'zod';
import { freshUnlock, keyReference, none, secretBytes } from './contract-basics.ts';

/* The part of the contract that is about keys. */

const oneKey = z.strictObject({ key: keyReference });

/** A key in a list. */
export const keySummary = z.object({
  keyId: z.string(),
  arn: z.string(),
  aliases: z.array(z.string()),
  description: z.string(),
  state: z.enum(['Enabled', 'Disabled', 'PendingDeletion', 'PendingImport', 'Unavailable']),
  createdAt: z.string(),
  /** AWS's `KeySpec` and `KeyUsage`. */
  spec: z.string(),
  usage: z.string(),
  currentVersion: z.string(),
  versions: z.number().int().positive(),
  /** While deletion is pending: when the key may be shredded. */
  deletionDate: z.string().optional(),
  /** Where the key rotates by itself: every so many days, next on this date. */
  rotation: z.object({ days: z.number().int(), next: z.string() }).optional(),
});

/** A version of a key; `version` is its random id of 64 hex digits. */
export const keyVersion = z.object({
  version: z.string(),
  createdAt: z.string(),
  current: z.boolean(),
  /** When its material first left the vault; missing while it has not. */
  exportedAt: z.string().optional(),
});

/** The methods. */
export const keyMethods = {
  'keys.list': { input: none, output: z.object({ keys: z.array(keySummary) }) },
  'keys.create': {
    input: z.strictObject({ alias: z.string().min(1).max(256), description: z.string().max(8_192) }),
    output: keySummary,
  },
  'keys.describe': { input: oneKey, output: keySummary.extend({ history: z.array(keyVersion) }) },
  'keys.rotate': { input: oneKey, output: keySummary },
  'keys.enable': { input: oneKey, output: keySummary },
  'keys.disable': { input: oneKey, output: keySummary },
  /** After `days`, 7 to 30, the key may be shredded. */
  'keys.scheduleDeletion': {
    input: z.strictObject({ key: keyReference, days: z.number().int().min(7).max(30) }),
    output: keySummary,
  },
  'keys.cancelDeletion': { input: oneKey, output: keySummary },
  /** A new version every so many days, 90 to 2560; null: none by itself. */
  'keys.setRotation': {
    input: z.strictObject({ key: keyReference, days: z.number().int().min(90).max(2_560).nullable() }),
    output: keySummary,
  },
  /** `document`: the text of the export, for a file; `wrap`: a passphrase in base64 that protects it. */
  'keys.exportMaterial': {
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
