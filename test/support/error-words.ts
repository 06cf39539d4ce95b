import { errorText } from '../../src/messages/errors.ts';
import { asKeywardError } from '../../src/shared/errors.ts';

/** What people read of something that was thrown, in the words that hold in each face. */
export function errorWords(thrown: unknown): string {
  return errorText(asKeywardError(thrown));
}
