import { z } from 'zod';
import { none, secret, shown } from './bridge-basics.ts';
import { PROTECTOR_KINDS } from './protector-contract.ts';

/* The part of the bridge that is about the ways to unlock. */

/** What followed a new root key, told until it is said to be read: the vault is locked by then. Folders go by their names. */
export const afterRotation = z.object({
  /** The way in that leaked; missing where the root key was only replaced. */
  revoked: z.string().optional(),
  removed: z.array(z.object({ kind: z.string(), why: z.string() })),
  /** How many new backups were made. */
  backups: z.number().int(),
  unreached: z.array(z.object({ name: z.string(), why: z.string() })),
  /** Of a revocation: keys with a new version, keys without, old backups that were removed. */
  rotated: z.number().int(),
  unrotated: z.array(z.object({ key: z.string(), why: z.string() })),
  deleted: z.number().int(),
});

/** The rows; every change takes who the owner is. */
export const waysBridge = {
  /** 24 new words, kept by the main process until `ways.setPhrase` has them open the vault. */
  'ways.newPhrase': { input: none, output: z.object({ phrase: secret }) },
  /** Has the words of `ways.newPhrase` open the vault, in place of the phrase that there is, if there is one. */
  'ways.setPhrase': { input: z.strictObject({ shown }), output: none },
  /** The keychain's entry, in place of the one that there is, if there is one. */
  'ways.setKeychain': { input: z.strictObject({ shown }), output: none },
  'ways.remove': { input: z.strictObject({ kind: z.enum(PROTECTOR_KINDS), shown }), output: none },
  /** After a leak; the vault is locked afterwards. For a phrase the words of `ways.newPhrase` stand in its place. */
  'ways.revoke': {
    input: z.strictObject({
      kind: z.enum([...PROTECTOR_KINDS, 'shares']),
      shown,
      passphrase: secret.optional(),
    }),
    output: none,
  },
  /** A new root key, and all under it; the vault is locked afterwards. */
  'ways.rotateRoot': { input: z.strictObject({ shown }), output: none },
  /** What the status tells of a new root key was read. */
  'ways.readRotation': { input: none, output: none },
} as const;

/** See `afterRotation`. */
export type AfterRotation = z.output<typeof afterRotation>;
