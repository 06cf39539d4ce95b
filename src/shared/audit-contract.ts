import { z } from 'zod';
import { keyReference, none } from './contract-basics.ts';
import type { Json } from './errors.ts';

/*
 * The part of the contract that is about the audit log. Dates are ISO 8601 in UTC.
 */

const json = z.json() as unknown as z.ZodType<Json>;

/** One line of the audit log, as faces show it; `file` is a path that was stored encrypted. */
export const auditEntry = z.object({
  seq: z.number().int(),
  /**
   * False where the entry's bytes are not the ones that Keyward chained and authenticated, or the entry before it is
   * not the one that it follows. Nothing that such an entry says is to be believed: every face marks it.
   */
  intact: z.boolean(),
  eventID: z.string(),
  eventTime: z.string(),
  eventName: z.string(),
  principal: z.string(),
  readOnly: z.boolean(),
  keyArns: z.array(z.string()),
  /** What each of those keys is called now: its first alias, else its ARN. */
  keyNames: z.array(z.string()),
  requestParameters: json,
  responseElements: json.optional(),
  errorCode: z.string().optional(),
  errorMessage: z.string().optional(),
  /** Of a call through the endpoint: the id that its answer carried, its address, and what program it says it is. */
  requestID: z.string().optional(),
  sourceIPAddress: z.string().optional(),
  userAgent: z.string().optional(),
  file: z.string().optional(),
});

/** Outcome of walking the audit chain; a broken one names the first entry that does not hold. */
export const auditVerdict = z.union([
  z.object({
    ok: z.literal(true),
    entries: z.number().int(),
    segments: z.number().int(),
    head: z.object({ seq: z.number().int(), hash: z.string() }),
  }),
  z.object({
    ok: z.literal(false),
    entries: z.number().int(),
    firstBroken: z.number().int(),
    why: z.string(),
  }),
]);

/** Methods on the audit log. */
export const auditMethods = {
  'audit.list': {
    input: z.strictObject({
      limit: z.number().int().min(1).max(1_000),
      before: z.number().int().optional(),
      key: keyReference.optional(),
      event: z.string().max(128).optional(),
    }),
    output: z.object({ entries: z.array(auditEntry) }),
  },
  'audit.verify': { input: none, output: auditVerdict },
} as const;

export type AuditLine = z.output<typeof auditEntry>;
export type AuditVerdict = z.output<typeof auditVerdict>;
