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
} as const;

/** A way to unlock, as it is listed. */
export type Protector = z.output<typeof protector>;
