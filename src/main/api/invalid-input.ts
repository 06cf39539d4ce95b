import type { z } from 'zod';
import { KeywardError } from '../../shared/errors.ts';

/** `ValidationException` for the first thing that is wrong with the input of a method. */
export function invalidInput(method: string, { issues: [issue] }: z.ZodError): KeywardError {
  const where = issue === undefined || issue.path.length === 0 ? 'the input' : issue.path.join('.');
  return new KeywardError('ValidationException', `${method}: ${where}: ${issue?.message ?? 'is not valid'}.`);
}
