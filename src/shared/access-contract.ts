import { z } from 'zod';
import { freshUnlock, keyReference, none } from './contract-basics.ts';
import { role } from './roles.ts';

/* The part of the contract that is about who may do what. */

const pairs = z.record(z.string().max(8_192), z.string().max(8_192));

/**
 * An answer to "may this principal do this, and why". `statement`: the policy (`key`, or the name of one of the
 * principal's) and the statement in it, from 0. `missing`: what came close. `reason`: all of it as text.
 */
export const explanation = z.object({
  principal: z.string(),
  action: z.string(),
  resource: z.string(),
  allowed: z.boolean(),
  by: z.enum(['key-policy', 'identity-policy', 'grant', 'explicit-deny', 'implicit-deny']),
  statement: z.object({ policy: z.string(), index: z.number().int(), sid: z.string().optional() }).optional(),
  grantId: z.string().optional(),
  missing: z.array(z.string()),
  reason: z.string(),
});

/** The methods. */
export const accessMethods = {
  /**
   * `principal`: an ARN or the name of a user; `action`: `kms:` may be left out; `conditions`: values of condition
   * keys that the call would have.
   */
  'keys.explain': {
    input: z.strictObject({
      key: keyReference,
      principal: z.string().min(1).max(256),
      action: z.string().min(1).max(128),
      context: pairs.optional(),
      conditions: pairs.optional(),
    }),
    output: explanation,
  },
  /** From now on window and command may do no more than this role, until `vault.stepUp` or the next unlock. */
  'vault.stepDown': { input: z.strictObject({ role }), output: z.object({ role }) },
  /** Back to everything, after the owner has shown who it is. */
  'vault.stepUp': { input: z.strictObject({ credential: freshUnlock }), output: none },
} as const;

export type Explanation = z.output<typeof explanation>;
