import { z } from 'zod';
import { freshUnlock, offPage, phraseText } from './contract-basics.ts';
import { protector } from './protector-contract.ts';

/* The part of the contract that is about what is printed for the day on which the vault must come back. */

/** A split secret as it is printed: `shares` are texts, shown this once. */
const shareSet = z.object({
  id: z.string(),
  threshold: z.number().int(),
  shares: z.array(z.string().register(offPage, { holds: 'secret' })),
});

/** What a recovery kit says of its vault. Dates are ISO 8601; keys are the SHA-256 of public ones, in hex. */
const kitFacts = z.object({
  vaultId: z.string(),
  created: z.string(),
  /** The log's first public key. */
  logKey: z.string(),
  /** The key that signs this device's backups; none in a vault that makes none yet. */
  backupKey: z.string().optional(),
  printed: z.string(),
  /** Where the phrase was given: its words as they were made, with single spaces. A secret. */
  phrase: phraseText.optional(),
  /** Where the phrase was given: what opens backups with age, `AGE-SECRET-KEY-…`. Secrets. */
  identities: z.object({ hybrid: z.string(), x25519: z.string() }).optional(),
});

/** The methods. */
export const recoveryMethods = {
  /** Splits a new secret into shares, which open the vault and its backups together, in place of an older set. */
  'recovery.split': {
    needs: 'keyward:ChangeProtectors',
    input: z.strictObject({
      shares: z.number().int().min(2).max(16),
      threshold: z.number().int().min(2).max(16),
      credential: freshUnlock,
    }),
    output: shareSet,
  },
  /** Takes the share sets away. */
  'recovery.unsplit': {
    needs: 'keyward:ChangeProtectors',
    input: z.strictObject({ credential: freshUnlock }),
    output: z.object({ protectors: z.array(protector) }),
  },
  /**
   * What is printed of the vault; with its recovery phrase also what derives from that. `isNew`: the phrase was just made, and
   * need not open anything yet. Throws `WrongRecoveryPhrase`.
   */
  'recovery.kit': {
    needs: 'keyward:ReadSettings',
    input: z.strictObject({ phrase: phraseText.optional(), isNew: z.boolean().optional() }),
    output: kitFacts,
  },
} as const;

/** See `kitFacts`. */
export type KitFacts = z.output<typeof kitFacts>;
