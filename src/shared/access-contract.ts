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

const oneKey = z.strictObject({ key: keyReference });
const policy = z.string().max(131_072);
const grantId = z.string().min(1).max(128);
const principal = z.string().min(1).max(256);

/** What another policy would do: what is wrong with it, or which operations the one who asks would lose by it. */
const policyCheck = z.discriminatedUnion('valid', [
  z.object({ valid: z.literal(false), why: z.string() }),
  z.object({ valid: z.literal(true), loses: z.array(z.string()), locksOut: z.boolean() }),
]);

/** A grant: who may do what; `equals`: with just this encryption context, `subset`: with these pairs among others. */
const keyGrant = z.object({
  grantId: z.string(),
  name: z.string().optional(),
  createdAt: z.string(),
  grantee: z.string(),
  retiring: z.string().optional(),
  operations: z.array(z.string()),
  equals: pairs.optional(),
  subset: pairs.optional(),
});

/** The methods. Principals are ARNs or names of users. */
export const accessMethods = {
  /**
   * `principal`: an ARN or the name of a user; `action`: `kms:` may be left out; `conditions`: values of condition
   * keys that the call would have.
   */
  'keys.explain': {
    needs: 'asks',
    input: z.strictObject({
      key: keyReference,
      principal,
      action: z.string().min(1).max(128),
      context: pairs.optional(),
      conditions: pairs.optional(),
    }),
    output: explanation,
  },
  'keys.policy': { needs: 'asks', input: oneKey, output: z.object({ policy: z.string() }) },
  /** Tells what is wrong with a policy, or what it would take from the one who asks. Nothing is done. */
  'keys.checkPolicy': {
    needs: 'asks',
    input: z.strictObject({ key: keyReference, policy }),
    output: policyCheck,
  },
  /** Refused where the one who asks could not put another one afterwards. */
  'keys.putPolicy': {
    needs: 'asks',
    input: z.strictObject({ key: keyReference, policy }),
    output: z.object({ policy: z.string() }),
  },
  /** Back to the default policy, whatever the key's own says: the way out for an owner whom it shuts out. */
  'keys.resetPolicy': {
    needs: 'asks',
    input: z.strictObject({ key: keyReference, credential: freshUnlock }),
    output: z.object({ policy: z.string() }),
  },
  /** Up to 1,000 grants; `more`: there are others. */
  'keys.grants': {
    needs: 'asks',
    input: oneKey,
    output: z.object({ grants: z.array(keyGrant), more: z.boolean() }),
  },
  'keys.createGrant': {
    needs: 'asks',
    input: z.strictObject({
      key: keyReference,
      grantee: principal,
      retiring: principal.optional(),
      operations: z.array(z.string().max(64)).min(1).max(50),
      equals: pairs.optional(),
      subset: pairs.optional(),
      name: z.string().min(1).max(256).optional(),
    }),
    output: z.object({ grantId: z.string() }),
  },
  /** Ends a grant, as who rules over the key. */
  'keys.revokeGrant': { needs: 'asks', input: z.strictObject({ key: keyReference, grantId }), output: none },
  /** Ends a grant, as whom it is for or who answers for it. */
  'keys.retireGrant': { needs: 'asks', input: z.strictObject({ key: keyReference, grantId }), output: none },
  /**
   * From now on window and command may do no more than this role, until `vault.stepUp` or the next unlock. It holds
   * even where the log can't be written; `logged` tells whether its entry was, or is held until it can be.
   */
  'vault.stepDown': {
    needs: 'open',
    input: z.strictObject({ role }),
    output: z.object({ role, logged: z.boolean() }),
  },
  /** Back to everything, after the owner has shown who it is. */
  'vault.stepUp': { needs: 'open', input: z.strictObject({ credential: freshUnlock }), output: none },
} as const;

export type Explanation = z.output<typeof explanation>;
export type PolicyCheck = z.output<typeof policyCheck>;
export type KeyGrant = z.output<typeof keyGrant>;
