import type { z } from 'zod';
import { fail, type KeywardError } from '../../shared/errors.ts';

/** `ValidationException` for the first thing that is wrong with the input of a method. */
export function invalidInput(method: string, { issues: [issue] }: z.ZodError): KeywardError {
  const field = issue === undefined || issue.path.length === 0 ? 'the input' : issue.path.join('.');
  return fail('input-malformed', { method, field, why: issue?.message ?? 'is not valid' });
}
