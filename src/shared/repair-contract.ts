import { z } from 'zod';

/*
 * What a repair tells of itself, before and after. Paths are absolute; dates are ISO 8601 in UTC.
 */

/**
 * What becomes of a row that is not as it should be: it is taken from the second file or from a backup, where it is known to
 * be the newest; it is made anew or gets its default; it stays, though nobody knows whether it is the newest, for it gives no
 * right; what it gave is taken away until the owner gives it anew (`disabled`, `owner-only`, `revoked`, `dropped`); it is lost.
 */
const ACTIONS = [
  'from-second-file',
  'from-backup',
  'made-anew',
  'default',
  'kept',
  'disabled',
  'owner-only',
  'revoked',
  'dropped',
  'lost',
] as const;

const action = z.enum(ACTIONS);

/** One row, what becomes of it, and what that means. */
const repairStep = z.object({ row: z.string(), action, message: z.string() });

/** What becomes of the log: how many entries go on, and of how many more is known that they were there. */
const repairedLog = z.object({
  entries: z.number().int().nonnegative(),
  lost: z.number().int().nonnegative(),
  /** Whether a new segment, which the one before did not certify, begins behind a break. */
  cut: z.boolean(),
  message: z.string(),
});

/** What a repair does, or did. */
export const repairPlan = z.object({
  home: z.string(),
  vaultId: z.string(),
  /** What is wrong with the vault. */
  damage: z.string(),
  steps: z.array(repairStep),
  /** What keys are called, by id: the first of their aliases that any witness tells of. */
  names: z.record(z.string(), z.string()),
  /** The rows that go on, and the keys and known files among them. */
  rows: z.number().int(),
  keys: z.number().int(),
  files: z.number().int(),
  log: repairedLog,
  /** The backup that rows were compared with. */
  backup: z.object({ path: z.string(), created: z.string() }).optional(),
  /** What else is to be known. */
  notes: z.array(z.string()),
});

export type RepairAction = z.output<typeof action>;
export type RepairStep = z.output<typeof repairStep>;
export type RepairPlan = z.output<typeof repairPlan>;
