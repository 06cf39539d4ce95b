import { awsError, type Json, type KeywardError } from '../../../shared/errors.ts';
import type { Decision, NearMiss, Place } from '../policy/evaluate.ts';

/** A decision as the log and `explain` tell it; statements are counted from 0, as in the document. */
export type Explanation = {
  readonly allowed: boolean;
  readonly by: Decision['by'];
  /** The policy and statement that decided: `key` or the name of one of the principal's policies. */
  readonly statement?: StatementName;
  readonly grantId?: string;
  /** What came close: statements that one thing was missing for. */
  readonly missing: readonly string[];
  /** The whole reason, in a sentence. */
  readonly reason: string;
};

/** Where a statement stands. */
type StatementName = { readonly policy: string; readonly index: number; readonly sid?: string };

/** Why a decision came out as it did. */
export function explain(decision: Decision, action: string): Explanation {
  switch (decision.by) {
    case 'key-policy':
      return told(decision, decision.place, `${sentence(decision.place)} allows it.`);
    case 'identity-policy': {
      const { place, delegation } = decision;
      const through =
        delegation === undefined
          ? ''
          : `, and ${within({ policy: undefined, statement: delegation })} lets the account's own policies decide`;
      return told(decision, place, `${sentence(place)} allows it${through}.`);
    }
    case 'grant':
      return {
        allowed: true,
        by: decision.by,
        grantId: decision.grantId,
        missing: [],
        reason: `Grant ${decision.grantId} allows it.`,
      };
    case 'explicit-deny':
      return told(
        decision,
        decision.place,
        `${sentence(decision.place)} denies it, whatever else allows it.`,
      );
    case 'implicit-deny': {
      const missing = decision.missing.map((near) => nearly(near, action));
      const reason = `No statement and no grant allows it.${missing.map((one) => ` ${one}`).join('')}`;
      return { allowed: false, by: decision.by, missing, reason };
    }
  }
}

/** `AccessDeniedException` in AWS's words; the explanation stands in `details.decision`. */
export function accessDenied(
  principal: string,
  action: string,
  resource: string,
  decision: Decision,
): KeywardError {
  const explanation = explain(decision, action);
  return awsError(
    'AccessDeniedException',
    `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ${because(decision, action)}`,
    { decision: toJson(explanation) },
  );
}

/** The explanation as the log keeps it. */
export function toJson(explanation: Explanation): Json {
  const { statement, grantId, missing, ...rest } = explanation;
  return {
    ...rest,
    ...(statement === undefined ? {} : { statement: { ...statement } }),
    ...(grantId === undefined ? {} : { grantId }),
    ...(missing.length === 0 ? {} : { missing: [...missing] }),
  };
}

function because(decision: Decision, action: string): string {
  if (decision.by === 'explicit-deny') {
    return `with an explicit deny in ${decision.place.policy === undefined ? 'a resource-based' : 'an identity-based'} policy`;
  }
  const missing = decision.by === 'implicit-deny' ? decision.missing : [];
  const kind = missing.some(({ what }) => what === 'delegation') ? 'resource-based' : 'identity-based';
  return `because no ${kind} policy allows the ${action} action`;
}

function told(decision: Decision, place: Place, reason: string): Explanation {
  return {
    allowed: decision.allowed,
    by: decision.by,
    statement: nameOf(place),
    missing: [],
    reason,
  };
}

function nameOf({ policy, statement }: Place): StatementName {
  const { index, sid } = statement;
  return { policy: policy ?? 'key', index, ...(sid === undefined ? {} : { sid }) };
}

function nearly(near: NearMiss, action: string): string {
  switch (near.what) {
    case 'condition': {
      const { place, condition, had } = near;
      const have = had === undefined ? 'the request has no such key' : `it was ${had.join(', ')}`;
      const want = condition.values.map(({ text }) => text).join(' or ');
      return `${sentence(place)} would allow it but for its condition ${condition.name} on ${condition.key} (${want}): ${have}.`;
    }
    case 'identity-policy':
      return `${sentence({ policy: undefined, statement: near.delegation })} lets the account's own policies decide, and none of the principal's allows ${action}.`;
    case 'delegation':
      return `${sentence(near.place)} allows it, but the key's policy doesn't let the account's own policies decide.`;
  }
}

function sentence(place: Place): string {
  const text = within(place);
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function within({ policy, statement: { index, sid } }: Place): string {
  const name = sid === undefined || sid === '' ? `statement ${index + 1}` : `statement "${sid}"`;
  return `${name} of ${policy === undefined ? "the key's policy" : `the principal's policy "${policy}"`}`;
}
