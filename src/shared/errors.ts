import { type ErrorCode, isErrorCode } from './error-codes.ts';
import { AUDIT_REASONS } from './reasons/audit.ts';
import { BACKUP_REASONS } from './reasons/backup.ts';
import { COMMAND_REASONS } from './reasons/command.ts';
import { DISK_REASONS } from './reasons/disk.ts';
import { ENVELOPE_REASONS } from './reasons/envelope.ts';
import { NOTE_REASONS } from './reasons/notes.ts';
import { PROCESS_REASONS } from './reasons/process.ts';
import type { ParamKind } from './reasons/reason-table.ts';
import { STORE_REASONS } from './reasons/store.ts';
import { UNLOCK_REASONS } from './reasons/unlock.ts';
import { VAULT_REASONS } from './reasons/vault.ts';

export { ERROR_CODES, type ErrorCode, exitCodeOf, isErrorCode } from './error-codes.ts';

/** What JSON can carry; nothing else may stand in an error's details. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Facts about one error: paths that the caller named, byte ranges, key ids. Never secrets, never stacks. */
export type ErrorDetails = { readonly [key: string]: Json };

/**
 * An error as it crosses a border. `reason` says which of the sentences of `src/messages/` tells it, with `params` in
 * it; without one the words are AWS's. `message` is for whoever does not know the reason, being of another version.
 */
export type ErrorBody = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly reason?: string | undefined;
  readonly params?: ErrorDetails | undefined;
  readonly details: ErrorDetails;
};

/**
 * Why something fails: each reason with its code and what its sentence is made with. Closed. `OfError`: the code is that of the
 * parameter `error`, about which more is said.
 */
export const REASONS = {
  ...PROCESS_REASONS,
  ...DISK_REASONS,
  ...STORE_REASONS,
  ...UNLOCK_REASONS,
  ...AUDIT_REASONS,
  ...ENVELOPE_REASONS,
  ...VAULT_REASONS,
  ...BACKUP_REASONS,
  ...COMMAND_REASONS,
} as const satisfies {
  readonly [reason: string]: readonly [ErrorCode | 'OfError', { readonly [param: string]: ParamKind }?];
};

/** A stable name of one of the reasons. */
export type Reason = keyof typeof REASONS;

type ValueOf<K> = K extends 'text' | 'text?'
  ? string
  : K extends 'number' | 'number?'
    ? number
    : K extends 'texts'
      ? readonly string[]
      : K extends 'error'
        ? ErrorBody
        : K extends readonly (infer Word)[]
          ? Word
          : never;

type KindsOf<R extends Reason> = (typeof REASONS)[R] extends readonly [unknown, infer Kinds] ? Kinds : object;

type Values<Kinds> = {
  readonly [P in keyof Kinds as Kinds[P] extends 'text?' | 'number?' ? never : P]: ValueOf<Kinds[P]>;
} & {
  readonly [P in keyof Kinds as Kinds[P] extends 'text?' | 'number?' ? P : never]?:
    | ValueOf<Kinds[P]>
    | undefined;
};

/** What a reason's sentence is made with. */
export type ParamsOf<R extends Reason> = Values<KindsOf<R>>;

/** A stable name of what is told that is no error. */
export type NoteReason = keyof typeof NOTE_REASONS;

/** What is told that is no error: as an error's body, with words for whoever does not know the reason. */
export type Said = { readonly reason: string; readonly params: ErrorDetails; readonly message: string };

/** The kinds of the parameters of a reason that this version knows; `undefined` for one of another version. */
export function kindsOf(reason: string): { readonly [param: string]: ParamKind } | undefined {
  if (Object.hasOwn(REASONS, reason)) return REASONS[reason as Reason][1] ?? {};
  return Object.hasOwn(NOTE_REASONS, reason) ? NOTE_REASONS[reason as NoteReason] : undefined;
}

type Why = { readonly reason: string; readonly params: ErrorDetails };

/**
 * The one error class; `fail` and `awsError` make them. `message` is AWS's words, or what came over a border, or reason and
 * parameters, for developers: what people read is made by the faces (`src/messages/`).
 */
export class KeywardError extends Error {
  readonly code: ErrorCode;
  readonly reason: string | undefined;
  readonly params: ErrorDetails;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown, why?: Why) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'KeywardError';
    this.code = code;
    this.reason = why?.reason;
    this.params = why?.params ?? {};
    this.details = details;
  }

  /** The same error with other details and parameters. */
  with(details: ErrorDetails, params: ErrorDetails = this.params): KeywardError {
    const { code, message, cause, reason } = this;
    return new KeywardError(
      code,
      message,
      details,
      cause,
      reason === undefined ? undefined : { reason, params },
    );
  }

  /** The form that crosses borders: no stack, no cause, and words for people where this process has some. */
  toBody(): ErrorBody {
    const { code, reason, params, details } = this;
    const body = {
      code,
      message: this.message,
      ...(reason === undefined ? {} : { reason, params }),
      details,
    };
    return { ...body, message: wordsFor(body) };
  }
}

let wordsFor: (body: ErrorBody) => string = ({ message }) => message;

/** Sets who finds the words for errors that cross a border; a composition root does, once, before anything else. */
export function setErrorWords(words: (body: ErrorBody) => string): void {
  wordsFor = words;
}

/**
 * The error of a reason. `details` are those of `params` unless others are given.
 */
export function fail<R extends Reason>(
  reason: R,
  ...[params, details, cause]: object extends ParamsOf<R>
    ? [params?: ParamsOf<R>, details?: ErrorDetails, cause?: unknown]
    : [params: ParamsOf<R>, details?: ErrorDetails, cause?: unknown]
): KeywardError {
  const given = Object.fromEntries(
    Object.entries(params ?? {}).filter(([, value]) => value !== undefined),
  ) as ErrorDetails;
  const words = Object.keys(given).length === 0 ? reason : `${reason} ${JSON.stringify(given)}`;
  const [code] = REASONS[reason];
  const ownCode = code === 'OfError' ? (given['error'] as ErrorBody).code : code;
  return new KeywardError(ownCode, words, details ?? given, cause, { reason, params: given });
}

/** What a finding or a note says. */
export function say<R extends NoteReason>(
  reason: R,
  ...[given]: object extends Values<(typeof NOTE_REASONS)[R]>
    ? [params?: Values<(typeof NOTE_REASONS)[R]>]
    : [params: Values<(typeof NOTE_REASONS)[R]>]
): Said {
  const params = (given ?? {}) as ErrorDetails;
  const words = `${reason} ${JSON.stringify(params)}`;
  return {
    reason,
    params,
    message: wordsFor({ code: 'Internal', message: words, reason, params, details: {} }),
  };
}

/** What an error says, to be told as a finding or a note. */
export function sayError(error: KeywardError): Said | Pick<Said, 'message'> {
  const { reason, params = {}, message } = error.toBody();
  return reason === undefined ? { message } : { reason, params, message };
}

/** An error of AWS KMS in AWS's own words, which stay as they are; `''` where AWS says nothing. */
export function awsError(
  code: Extract<ErrorCode, `${string}Exception`>,
  words: string,
  details?: ErrorDetails,
  cause?: unknown,
): KeywardError {
  return new KeywardError(code, words, details, cause);
}

/** True for our error; with codes, only for one of those. */
export function isKeywardError(error: unknown, ...codes: readonly ErrorCode[]): error is KeywardError {
  return error instanceof KeywardError && (codes.length === 0 || codes.includes(error.code));
}

/** Anything thrown, as a KeywardError: what is not ours becomes `Internal` and keeps its cause for the log. */
export function asKeywardError(error: unknown): KeywardError {
  if (error instanceof KeywardError) return error;
  return fail('internal', { what: error instanceof Error ? error.message : String(error) }, {}, error);
}

/** The error that a body stands for; an unknown code becomes `Internal`. */
export function fromErrorBody(body: {
  code: string;
  message: string;
  reason?: string | undefined;
  params?: ErrorDetails | undefined;
  details?: ErrorDetails;
}): KeywardError {
  const code = isErrorCode(body.code) ? body.code : 'Internal';
  const why = body.reason === undefined ? undefined : { reason: body.reason, params: body.params ?? {} };
  return new KeywardError(code, body.message, body.details ?? {}, undefined, why);
}
