import type { ErrorBody } from '../../shared/errors.ts';
import { inert } from './names.ts';

/** Sentences that tell a user of the command what to type; the window has buttons for that. */
const COMMAND =
  /(^|\s)--[a-z]|\bkeyward (init|unlock|lock|status|keys|config|audit|encrypt|decrypt)\b|KEYWARD_/;

/** What went wrong, in words for the window. */
export function errorWords({ message }: Pick<ErrorBody, 'message'>): string {
  const sentences = message.split(/(?<=[.!?])\s+/);
  const fitting = sentences.filter((sentence) => !COMMAND.test(sentence));
  return inert((fitting.length === 0 ? sentences : fitting).join(' '));
}
