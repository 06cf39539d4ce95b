import { useEffect, useState } from 'react';
import type { PolicyCheck } from '../../../../shared/access-contract.ts';
import { ask } from '../../../bridge.ts';
import { Note } from '../../../components/note.tsx';
import { escaped } from '../../../text/file-names.ts';
import { list } from '../../../text/format.ts';
import { actionText } from '../../../text/policy-summary.ts';

/** How long typing must rest before a policy is checked, in milliseconds. */
const REST = 250;

/** How a policy stands that is being typed. */
export function Verdict({
  of: check,
  differs,
}: {
  readonly of: PolicyCheck | undefined;
  readonly differs: boolean;
}) {
  if (check === undefined) return null;
  if (!check.valid) {
    return (
      <Note tone="warn">
        Not a policy yet. <bdi>{escaped(check.why)}</bdi>
      </Note>
    );
  }
  if (check.locksOut) {
    return (
      <Note tone="warn">
        This would lock you out: you could never change the policy of this key again. Leave a statement that
        allows you kms:PutKeyPolicy, such as the first one of a new key.
      </Note>
    );
  }
  if (check.loses.length > 0) {
    return (
      <Note tone="warn">
        With this you can no longer{' '}
        {list(
          check.loses.map((name) => actionText(`kms:${name}`)),
          'or',
        )}
        . You could still change the policy.
      </Note>
    );
  }
  return (
    <p className="small soft">
      {differs
        ? 'The policy is in order, and you lose nothing by it. It counts once it is saved.'
        : 'This is the policy that counts.'}
    </p>
  );
}

/** What the service says of a text, a moment after it was typed. */
export function useCheck(key: string, policy: string): PolicyCheck | undefined {
  const [check, setCheck] = useState<PolicyCheck>();
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(() => {
      ask('keys.checkPolicy', { key, policy }).then(
        (found) => wanted && setCheck(found),
        () => wanted && setCheck(undefined),
      );
    }, REST);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [key, policy]);
  return check;
}
