import { z } from 'zod';
import { errorBody, fileResult, METHODS } from '../../shared/contract.ts';
import { ownerKind } from '../../shared/contract-basics.ts';
import { fail, type KeywardError } from '../../shared/errors.ts';
import { progress } from '../../shared/job-contract.ts';
import { role } from '../../shared/roles.ts';

/*
 * What travels over the owner's socket: one JSON message per line. The first line of a connection is a
 * hello. One without `attach` opens a control connection: requests and cancels go up; progress, results, invitations
 * and answers come down. One with `attach` carries the bytes of one request (see byte-stream.ts).
 */

/** Number of this wire language; both ends must speak the same. */
export const PROTOCOL = 3;

/** Longest line that an owner takes, in bytes. */
export const MAX_REQUEST_LINE = 64 * 1024 * 1024;

/** Longest line that a client takes, in bytes. */
export const MAX_ANSWER_LINE = 256 * 1024 * 1024;

/** Longest first line of a connection, in bytes. */
export const MAX_HELLO_LINE = 4_096;

const id = z.number().int().nonnegative();

/** First line from a client. */
export const clientHello = z.object({
  keyward: z.number().int(),
  attach: z.string().max(128).optional(),
});

/** First line from an owner: which process it is and what kind. */
export const ownerHello = z.object({
  keyward: z.number().int(),
  pid: z.number().int(),
  kind: ownerKind,
});

/** Later lines from a client. */
export const clientMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('request'),
    id,
    method: z.string(),
    input: z.unknown(),
    as: role.optional(),
    /** Results of files are to come as they are known, in messages of their own; the answer then holds none. */
    pages: z.literal(true).optional(),
  }),
  z.object({ type: z.literal('cancel'), id }),
]);

/**
 * Later lines from an owner. `attach` invites the client to bring the bytes of a request over a second
 * connection; `bye` says that every request without an answer was never begun, so that it may be sent again.
 */
export const ownerMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), id, progress }),
  z.object({ type: z.literal('results'), id, results: z.array(fileResult) }),
  z.object({ type: z.literal('attach'), id, token: z.string() }),
  z.object({
    type: z.literal('answer'),
    id,
    answer: z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), value: z.unknown() }),
      z.object({ ok: z.literal(false), error: errorBody }),
    ]),
  }),
  z.object({ type: z.literal('bye') }),
]);

export type OwnerHello = z.output<typeof ownerHello>;
export type ClientMessage = z.output<typeof clientMessage>;
export type OwnerMessage = z.output<typeof ownerMessage>;

/** True for the name of a method of the contract. */
export function isMethod(name: string): name is (typeof METHODS)[number] {
  return (METHODS as readonly string[]).includes(name);
}

/** One message as a line. */
export function toLine(
  message: z.input<typeof clientHello> | OwnerHello | ClientMessage | OwnerMessage,
): string {
  return `${JSON.stringify(message)}\n`;
}

/** The message of a line; throws `ValidationException` for what is not one. */
export function fromLine<T>(schema: z.ZodType<T>, line: string): T {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw notUnderstood();
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw notUnderstood();
  return parsed.data;
}

function notUnderstood(): KeywardError {
  return fail('ends-do-not-understand');
}
