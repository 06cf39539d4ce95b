import { commandErrorText } from '../../messages/command-errors.ts';
import { errorText as sentenceOf } from '../../messages/errors.ts';
import type { ErrorBody, ErrorDetails } from '../../shared/errors.ts';
import { escapeText } from '../../shared/safe-text.ts';

/* What errors say to people, beside their own words. */

type Told = Pick<ErrorBody, 'code' | 'message' | 'reason' | 'params'> & Partial<Pick<ErrorBody, 'details'>>;

/** What happened, in an error's own words; AWS has errors that have none. */
export function errorText(error: Told): string {
  return escapeText(commandErrorText(error));
}

/** What is told that is no error, such as a finding. */
export function noteText(note: Pick<ErrorBody, 'message' | 'reason' | 'params'>): string {
  return escapeText(sentenceOf(note, 'command'));
}

/** A document, with each error in it in the command's words. */
export function withWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withWords);
  if (typeof value !== 'object' || value === null) return value;
  const parts = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withWords(part)]));
  const { reason, message } = parts;
  return typeof reason === 'string' && typeof message === 'string'
    ? { ...parts, message: sentenceOf(value as ErrorBody, 'command') }
    : parts;
}

/** Which statement or grant decided, or what was missing, of a call that policies refused. */
export function reasonIn(details: ErrorDetails = {}): string | undefined {
  const { decision } = details;
  if (typeof decision !== 'object' || decision === null || !('reason' in decision)) return undefined;
  return typeof decision['reason'] === 'string' ? escapeText(decision['reason']) : undefined;
}
