import { useId, useState } from 'react';
import type { Explanation } from '../../../../shared/access-contract.ts';
import type { KeyDetail } from '../../../../shared/contract.ts';
import { grantable } from '../../../../shared/grant-operations.ts';
import { ask } from '../../../bridge.ts';
import { Badge } from '../../../components/badge.tsx';
import { Button } from '../../../components/button.tsx';
import { Card } from '../../../components/card.tsx';
import { ErrorNote } from '../../../components/note.tsx';
import { PairFields, pairsOf, type TypedPair } from '../../../components/pair-fields.tsx';
import { useAction } from '../../../data/query.ts';
import { ADMIN_ACTIONS } from '../../../text/admin-actions.ts';
import { escaped } from '../../../text/file-names.ts';
import { capital } from '../../../text/format.ts';
import { actionText, principalText } from '../../../text/policy-summary.ts';
import { PrincipalField } from './principal-field.tsx';

/** "Can this one do that? Why?", answered by the service from what is saved. */
export function ExplainAccess({ of: key }: { readonly of: KeyDetail }) {
  const id = useId();
  const using = grantable(key);
  const [who, setWho] = useState('operator');
  const [action, setAction] = useState(using[0] ?? 'DescribeKey');
  const [context, setContext] = useState<readonly TypedPair[]>([]);
  const [facts, setFacts] = useState<readonly TypedPair[]>([]);
  const [more, setMore] = useState(false);
  const [answer, setAnswer] = useState<Explanation>();
  const { busy, error, run } = useAction();
  const look = () =>
    run(async () => {
      setAnswer(undefined);
      const pairs = (rows: readonly TypedPair[]) =>
        Object.fromEntries(pairsOf(rows).map(({ key: name, value }) => [name, value]));
      setAnswer(
        await ask('keys.explain', {
          key: key.keyId,
          principal: who.trim(),
          action,
          ...(pairsOf(context).length === 0 ? {} : { context: pairs(context) }),
          ...(pairsOf(facts).length === 0 ? {} : { conditions: pairs(facts) }),
        }),
      );
    });
  return (
    <Card title="Can they? Why?">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && who.trim() !== '') look();
        }}
      >
        <PrincipalField label="Who" value={who} onChange={setWho} required />
        <div className="field">
          <label htmlFor={`${id}-action`}>Does what</label>
          <select
            id={`${id}-action`}
            className="select"
            value={action}
            onChange={(event) => setAction(event.target.value)}
          >
            <Actions label="Uses the key" of={using} />
            <Actions label="Rules over the key" of={ADMIN_ACTIONS} />
          </select>
        </div>
        <fieldset className="field">
          <legend className="legend">With this context</legend>
          <PairFields
            noun="Pair"
            most={20}
            longest={{ key: 1_024, value: 1_024 }}
            rows={context}
            onChange={setContext}
          />
        </fieldset>
        <details onToggle={(event) => setMore(event.currentTarget.open)}>
          <summary>Other facts of the call</summary>
          {more ? (
            <>
              <p className="small soft">
                Values that conditions ask for, such as keyward:SecondsSinceUnlock. What is left out is as it
                is now.
              </p>
              <PairFields
                noun="Fact"
                most={20}
                longest={{ key: 256, value: 1_024 }}
                rows={facts}
                onChange={setFacts}
              />
            </>
          ) : null}
        </details>
        <div className="actions">
          <Button submit busy={busy || who.trim() === ''}>
            Ask
          </Button>
        </div>
        <ErrorNote error={error} />
        <div role="status">{answer === undefined ? null : <Answer of={answer} />}</div>
      </form>
    </Card>
  );
}

function Actions({ label, of: names }: { readonly label: string; readonly of: readonly string[] }) {
  return (
    <optgroup label={label}>
      {names.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </optgroup>
  );
}

function Answer({ of: answer }: { readonly of: Explanation }) {
  const { allowed, principal, action, reason } = answer;
  return (
    <div className={`answer ${allowed ? 'good' : 'bad'}`}>
      <p className="reading-title">
        <Badge tone={allowed ? 'good' : 'bad'} word={allowed ? 'Yes' : 'No'} />
        <bdi>
          {escaped(
            capital(
              `${principalText(principal, false)} ${allowed ? 'may' : 'may not'} ${actionText(action)}.`,
            ),
          )}
        </bdi>
      </p>
      <p className="text">
        <bdi>{escaped(reason)}</bdi>
      </p>
    </div>
  );
}
