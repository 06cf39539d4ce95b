import { awsError, type KeywardError } from '../../shared/errors.ts';

/** Texts longer than this are not repeated in a message. */
const MAX_SHOWN = 512;

/** `ValidationException` in AWS's words. `value` is left out where it is secret, binary or long. */
function violation(field: string, value: string | undefined, constraint: string): KeywardError {
  const shown = value === undefined || value.length > MAX_SHOWN ? 'Value' : `Value '${value}'`;
  return awsError(
    'ValidationException',
    `1 validation error detected: ${shown} at '${field}' failed to satisfy constraint: ${constraint}`,
  );
}

/** The error for a required field that is missing. */
export function missing(field: string): KeywardError {
  return awsError(
    'ValidationException',
    `1 validation error detected: Value null at '${field}' failed to satisfy constraint: Member must not be null`,
  );
}

/** Throws `ValidationException` unless the length of a text, buffer or list is within bounds. */
export function requireLength(
  field: string,
  value: string | Uint8Array | readonly string[],
  least: number,
  most: number,
): void {
  const isEmptyList = Array.isArray(value) && value.length === 0;
  const shown = typeof value === 'string' ? value : isEmptyList ? '[]' : undefined;
  if (value.length < least) {
    throw violation(field, shown, `Member must have length greater than or equal to ${least}`);
  }
  if (value.length > most) {
    throw violation(field, shown, `Member must have length less than or equal to ${most}`);
  }
}

/** Throws `ValidationException` unless the number is an integer within bounds. */
export function requireRange(field: string, value: number, least: number, most: number): void {
  const tooSmall = `Member must have value greater than or equal to ${least}`;
  const tooLarge = `Member must have value less than or equal to ${most}`;
  if (!(value >= least)) throw violation(field, String(value), tooSmall);
  if (value > most) throw violation(field, String(value), tooLarge);
  if (!Number.isInteger(value)) throw violation(field, String(value), 'Member must be an integer');
}

/** Throws `ValidationException` unless the text is one of AWS's set. */
export function requireOneOf(field: string, value: string, set: readonly string[]): void {
  if (!set.includes(value)) throw notInSet(field, value, set);
}

/** The error for a text that is not one of a set, as the message is to name it. */
export function notInSet(field: string, value: string, set: readonly string[]): KeywardError {
  return violation(field, value, `Member must satisfy enum value set: [${set.join(', ')}]`);
}

/** Throws `ValidationException` unless the text matches. */
export function requirePattern(field: string, value: string, pattern: RegExp): void {
  if (pattern.test(value)) return;
  throw violation(field, value, `Member must satisfy regular expression pattern: ${pattern.source}`);
}
