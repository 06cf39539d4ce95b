import type { ErrorBody } from '../shared/errors.ts';
import { kindsOf } from '../shared/errors.ts';
import type { ParamKind } from '../shared/reasons/reason-table.ts';
import { ERROR_TEXTS } from './en/errors/index.ts';
import type { ErrorText } from './en/errors/types.ts';
import { NOTE_TEXTS } from './en/notes.ts';
import { format, type Values } from './format.ts';

/** Where a sentence is read: each has its own next steps. */
type Face = 'command' | 'window';

const TEXTS: { readonly [reason: string]: ErrorText } = { ...ERROR_TEXTS, ...NOTE_TEXTS };

/** What is needed of an error, a finding or a note to tell it. */
export type Told = Pick<ErrorBody, 'message' | 'reason' | 'params'>;

/**
 * What happened and what to do next, in the words of a face; without one only what is true everywhere. An error of AWS
 * has AWS's words, and one of another version those that came with it. Not escaped: names in it are as they are.
 */
export function errorText(error: Told, face?: Face): string {
  const { reason, params = {}, message } = error;
  const kinds = reason === undefined ? undefined : kindsOf(reason);
  const values = kinds === undefined ? undefined : valuesOf(kinds, params, face);
  const text = TEXTS[reason ?? ''];
  if (values === undefined || text === undefined) return message;
  if (typeof text === 'string') return format(text, values);
  const next = face === undefined ? undefined : text[face];
  const what = format(text.what, values);
  return next === undefined ? what : `${what} ${format(next, values)}`;
}

/** The values for a sentence; `undefined` if a version that wrote them had others. */
function valuesOf(
  kinds: { readonly [param: string]: ParamKind },
  params: { readonly [param: string]: unknown },
  face: Face | undefined,
): Values | undefined {
  const values: { [name: string]: string | number | readonly string[] } = {};
  for (const [name, kind] of Object.entries(kinds)) {
    const value = params[name];
    if (value === undefined && typeof kind === 'string' && kind.endsWith('?')) continue;
    if (typeof kind === 'object') {
      if (typeof value !== 'string') return undefined;
      // A hyphen can't stand in the name of a choice of an ICU message.
      values[name] = value.replaceAll('-', '_');
    } else if (kind === 'error') {
      if (!isTold(value)) return undefined;
      values[name] = errorText(value, face);
    } else if (kind === 'texts') {
      if (!Array.isArray(value) || !value.every((each) => typeof each === 'string')) return undefined;
      values[name] = value;
    } else {
      if (typeof value !== (kind.startsWith('number') ? 'number' : 'string')) return undefined;
      values[name] = value as string | number;
    }
  }
  return values;
}

function isTold(value: unknown): value is Told {
  return (
    typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'
  );
}
