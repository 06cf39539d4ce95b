import type { ErrorBody } from '../../shared/errors.ts';
import { inert } from './names.ts';

/** Sentences that tell a user of the command what to type; the window has buttons for that. */
const COMMAND =
  /(^|\s)--[a-z]|\bkeyward (init|unlock|lock|status|keys|config|audit|encrypt|decrypt)\b|KEYWARD_/;

const ARN = /arn:aws:kms:[\w-]+:\d{12}:key\/[0-9a-f-]+/g;

/** What went wrong, in words for the window; `nameOf` calls a key by its name. */
export function errorWords(
  { message }: Pick<ErrorBody, 'message'>,
  nameOf: (arn: string) => string = (arn) => arn,
): string {
  const sentences = message.split(/(?<=[.!?])\s+/);
  const fitting = sentences.filter((sentence) => !COMMAND.test(sentence));
  return inert((fitting.length === 0 ? sentences : fitting).join(' ').replaceAll(ARN, nameOf));
}
