import type { ErrorBody } from '../shared/errors.ts';
import { NEXT, NEXT_OF, REFUSED, WORDLESS } from './en/next-steps.ts';
import { errorText } from './errors.ts';
import { format } from './format.ts';

type Told = Pick<ErrorBody, 'code' | 'message' | 'reason' | 'params'> & Partial<Pick<ErrorBody, 'details'>>;

/** What happened, in the words of the command; AWS has errors that have none. Not escaped. */
export function commandErrorText(error: Told): string {
  const text = errorText(error, 'command');
  if (text !== '') return text;
  const words = WORDLESS[error.code];
  return words === undefined ? format(REFUSED, { code: error.code }) : format(words);
}

/** What to do next with the command, where an error's own words do not say it. */
export function nextStepFor({ code, message, details = {} }: Told): string | undefined {
  const step = stepOf(code, message, details);
  return step === undefined ? undefined : format(step);
}

function stepOf(
  code: Told['code'],
  message: string,
  details: NonNullable<Told['details']>,
): string | undefined {
  if (details['locksOut'] === true) return NEXT_OF.lockout;
  if (code === 'NotFoundException' && 'client' in details) return NEXT_OF.client;
  if (code === 'NotFoundException' && 'version' in details) return NEXT_OF.version;
  if (code === 'KMSInvalidStateException' && message.endsWith(' is pending deletion.')) {
    return NEXT_OF.deletion;
  }
  if (code === 'AuditBroken' && details['part'] === 'index') return NEXT_OF.index;
  return NEXT[code];
}
