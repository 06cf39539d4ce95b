import { z } from 'zod';
import { freshUnlock, none, phraseText, secretBytes } from './contract-basics.ts';

/* The part of the contract that is about the ways to unlock. */

/** The ways to unlock that can be added, replaced and removed. */
export const PROTECTOR_KINDS = ['passphrase', 'recovery-phrase', 'keychain'] as const;

/** One of them. */
export type ProtectorKind = (typeof PROTECTOR_KINDS)[number];

/** A way to unlock, as it is listed. */
export const protector = z.object({ id: z.string(), kind: z.string(), createdAt: z.string() });

const kind = z.enum(PROTECTOR_KINDS);

/** What the new way is to open by: the words of `protectors.newPhrase`, the bytes of a passphrase, or nothing to know. */
const newSecret = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('passphrase'), bytes: secretBytes }),
  z.strictObject({ kind: z.literal('recovery-phrase'), phrase: phraseText }),
  z.strictObject({ kind: z.literal('keychain') }),
]);

const changed = z.object({ protectors: z.array(protector) });

const progress = true;

/** What became of backups and ways to unlock under a new root key. */
const rootRotated = changed.extend({
  /** Ways to unlock that ended with the old root key, and why; add them anew. */
  removed: z.array(z.object({ kind: z.string(), why: z.string() })),
  /** New backups. */
  backups: z.array(z.string()),
  /** Folders that have backups of the old root key and got no new one. */
  unreached: z.array(z.object({ path: z.string(), why: z.string() })),
});

/** The same after a leak. */
const revoked = rootRotated.extend({
  /** How many keys got a new version. */
  rotated: z.number().int(),
  /** Keys that got none, and why. */
  unrotated: z.array(z.object({ key: z.string(), why: z.string() })),
  /** Old backups that were removed, as new ones stand in their place. */
  deleted: z.number().int(),
});

/** The methods. Every change needs a fresh unlock; see `ProtectorChanges` for what is refused. */
export const protectorMethods = {
  'protectors.list': { needs: 'open', input: none, output: changed },
  /** 24 new words. They open nothing until `protectors.set` has them, by when they must stand on paper or in a file. */
  'protectors.newPhrase': { needs: 'open', input: none, output: z.object({ phrase: phraseText }) },
  /** `add`: there is none of this kind yet; `replace`: in place of the one that there is, after the new one has opened. */
  'protectors.set': {
    needs: 'keyward:ChangeProtectors',
    input: z.strictObject({ how: z.enum(['add', 'replace']), secret: newSecret, credential: freshUnlock }),
    output: changed,
  },
  /** Of passphrase and phrase the one that stays is what must be shown. */
  'protectors.remove': {
    needs: 'keyward:ChangeProtectors',
    input: z.strictObject({ kind, credential: freshUnlock }),
    output: changed,
  },
  /** A new root key, and everything under it; the vault is locked afterwards. */
  'root.rotate': {
    needs: 'keyward:RotateRootKey',
    input: z.strictObject({ credential: freshUnlock }),
    output: rootRotated,
    progress,
  },
  /**
   * After a leak: a new root key, ways in, device, and a version of every key that can have one; the vault is locked afterwards.
   * The phrase is what is shown, or, where it is what leaked, what `secret` has.
   */
  'protectors.revoke': {
    needs: 'keyward:RotateRootKey',
    input: z.strictObject({
      kind: z.enum([...PROTECTOR_KINDS, 'shares']),
      secret: newSecret.optional(),
      credential: freshUnlock,
    }),
    output: revoked,
    progress,
  },
} as const;

/** A way to unlock, as it is listed. */
export type Protector = z.output<typeof protector>;

/** See `rootRotated`. */
export type RootRotated = z.output<typeof rootRotated>;
