import { errorText as sentenceOf } from '../../messages/errors.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import { escaped } from './file-names.ts';
import { capital } from './format.ts';
import { actionText, principalText } from './policy-summary.ts';

const ARN = /arn:aws:kms:[\w-]+:\d{12}:key\/[0-9a-f-]+/g;

/** AWS's words for "you may not". */
const REFUSED = /^User: (\S+) is not authorized to perform: (\S+) on resource: \S+ (.+)$/s;

type Wrong = Pick<ErrorBody, 'message'> & Partial<Pick<ErrorBody, 'details' | 'reason' | 'params'>>;

/** What went wrong, in words for the window; `nameOf` calls a key by its name. */
export function errorText(error: Wrong, nameOf: (arn: string) => string = (arn) => arn): string {
  const { message, details } = error;
  const refused = REFUSED.exec(message);
  if (refused !== null) return escaped(refusal(refused, details).replaceAll(ARN, nameOf));
  return escaped(sentenceOf(error, 'window').replaceAll(ARN, nameOf));
}

/** Who may not do what, why, and the way out where there is one. */
function refusal(
  [, principal = '', action = '', because = '']: RegExpExecArray,
  details: Wrong['details'],
): string {
  const decision = details?.['decision'];
  const told =
    typeof decision === 'object' && decision !== null && 'reason' in decision
      ? decision['reason']
      : undefined;
  const reason = typeof told === 'string' ? told : `${capital(because)}.`;
  const role = /:user\/(?:operator|auditor)$/.test(principal);
  const what = `${capital(principalText(principal, false))} may not ${actionText(action)}.`;
  return role ? `${what} Step up to owner to do it.` : `${what} ${reason}`;
}
