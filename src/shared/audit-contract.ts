import { z } from 'zod';
import { keyReference, none } from './contract-basics.ts';
import { ERROR_CODES, type Json } from './errors.ts';

/*
 * The part of the contract that is about the audit log. Dates are ISO 8601 in UTC.
 */

const json = z.json() as unknown as z.ZodType<Json>;

/** One line of the audit log, as faces show it; `file` is a path that was stored encrypted. */
const auditEntry = z.object({
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

/**
 * Outcome of walking the audit chain; a broken one names the first entry that does not hold. `part` is `index` where all
 * entries hold and only what searches begin with does not. `unindexed`: how many of the oldest entries are not in it yet.
 */
const auditVerdict = z.union([
  z.object({
    ok: z.literal(true),
    entries: z.number().int(),
    segments: z.number().int(),
    head: z.object({ seq: z.number().int(), hash: z.string() }),
    unindexed: z.number().int().nonnegative(),
    /** Behind these entries a repair took the log up again: what stood there before is missing, as the log itself tells. */
    cuts: z.array(z.number().int()).optional(),
  }),
  z.object({
    ok: z.literal(false),
    part: z.enum(['entries', 'index']),
    entries: z.number().int(),
    firstBroken: z.number().int(),
    why: z.string(),
  }),
]);

/** The id of one encryption of one file: 32 bytes in hex. */
export const messageId = z.string().regex(/^[0-9a-f]{64}$/);

/** What entries are searched by; all that is given must hold. */
const auditSearch = z.strictObject({
  limit: z.number().int().min(1).max(1_000),
  /** Only entries before this number: the `next` of the page before. */
  before: z.number().int().optional(),
  key: keyReference.optional(),
  /** The ARN of who did it, or the name of a user of this vault. */
  principal: z.string().min(1).max(2_048).optional(),
  event: z.string().max(128).optional(),
  outcome: z.union([z.enum(['success', 'failure']), z.enum(ERROR_CODES)]).optional(),
  /** Entries that speak of a file: by its path or by its message id, either of them. */
  file: z
    .strictObject({ path: z.string().min(1).max(32_768).optional(), messageId: messageId.optional() })
    .refine(({ path, messageId: id }) => path !== undefined || id !== undefined, 'names no file')
    .optional(),
  /** False: without entries that only looked at something. */
  lookups: z.boolean().optional(),
  /** From this moment on. */
  since: z.iso.datetime({ offset: true }).optional(),
  /** Before this moment. */
  until: z.iso.datetime({ offset: true }).optional(),
});

/** A page of the log. */
export const auditPage = z.object({
  /** The newest first; there can be fewer than were asked for, and yet a `next`. */
  entries: z.array(auditEntry),
  /** What to give as `before` for the page that follows; missing where no older entry fits. */
  next: z.number().int().optional(),
  /** Entries that the index pointed at and that do not fit: it was changed from outside, and they are left out. */
  mismatched: z.array(z.number().int()).optional(),
  /** How many of the oldest entries are not in the index yet; searching them takes longer. */
  unindexed: z.number().int().positive().optional(),
});

/** Methods on the audit log. */
export const auditMethods = {
  'audit.list': { needs: 'keyward:ReadAudit', input: auditSearch, output: auditPage },
  'audit.verify': { needs: 'keyward:ReadAudit', input: none, output: auditVerdict },
  /** Builds anew what searches begin with, from the entries; their number. */
  'audit.reindex': {
    needs: 'keyward:RebuildAuditIndex',
    input: none,
    output: z.object({ entries: z.number().int() }),
  },
} as const;

/** As `audit.list`, for the page, which names no paths. */
export const auditListOfPage = { input: auditSearch.omit({ file: true }), output: auditPage } as const;

export type AuditLine = z.output<typeof auditEntry>;
export type AuditPage = z.output<typeof auditPage>;
export type AuditVerdict = z.output<typeof auditVerdict>;
