import { type ReactNode, useState } from 'react';
import type { KeyDetail } from '../../../../shared/contract.ts';
import { ask } from '../../../bridge.ts';
import { Button } from '../../../components/button.tsx';
import { Card } from '../../../components/card.tsx';
import { Confirm } from '../../../components/confirm.tsx';
import { ErrorNote } from '../../../components/note.tsx';
import { useMutation } from '../../../data/mutation.ts';
import { policyDrafts } from '../../../data/policy-drafts.ts';
import { useQuery } from '../../../data/query.ts';
import { list } from '../../../text/format.ts';
import { actionText, summarizePolicy } from '../../../text/policy-summary.ts';
import { TEMPLATES, withStatement } from '../../../text/policy-templates.ts';
import { JsonField } from './json-field.tsx';
import { useCheck, Verdict } from './policy-check.tsx';
import { PolicySummary } from './policy-summary.tsx';

type Props = {
  readonly of: KeyDetail;
  /** What stands below the words. */
  readonly children: ReactNode;
};

/** The policy of a key: its JSON, checked as it is typed, beside what it says in words. */
export function KeyPolicy({ of: key, children }: Props) {
  const asked = useQuery('keys.policy', { key: key.keyId }, 'keysRevision');
  const saved = asked.value?.policy;
  if (saved !== undefined) {
    return (
      <Editor of={key} saved={saved}>
        {children}
      </Editor>
    );
  }
  return (
    <>
      <Card title="Key policy">
        <ErrorNote error={asked.error} actions={<Button onPress={asked.again}>Try again</Button>} />
      </Card>
      {children}
    </>
  );
}

type EditorProps = Props & { readonly saved: string };

function Editor({ of: key, saved, children }: EditorProps) {
  const drafts = policyDrafts.use();
  const text = drafts.get(key.keyId) ?? saved;
  const check = useCheck(key.keyId, text);
  const [asking, setAsking] = useState(false);
  const { busy, error, change } = useMutation();
  const setText = (next: string | undefined) => {
    const all = new Map(drafts);
    if (next === undefined || next === saved) all.delete(key.keyId);
    else all.set(key.keyId, next);
    policyDrafts.set(all);
  };
  const put = () =>
    change('The policy is saved.', async () => {
      setAsking(false);
      await ask('keys.putPolicy', { key: key.keyId, policy: text });
      setText(undefined);
    });
  const differs = text !== saved;
  const ready = differs && check?.valid === true && !check.locksOut;
  const losing = check?.valid === true && check.loses.length > 0;
  return (
    <div className="policy">
      <Card title="Key policy">
        <JsonField
          label="Policy as JSON"
          value={text}
          invalid={check?.valid === false}
          about="policy-verdict"
          onChange={setText}
        />
        <div id="policy-verdict" role="status" className="stack">
          <Verdict of={check} differs={differs} />
        </div>
        <ErrorNote error={error} />
        <div className="actions">
          <Button look="main" busy={busy || !ready} onPress={() => (losing ? setAsking(true) : put())}>
            Save the policy{losing && ready ? '…' : ''}
          </Button>
          {differs ? <Button onPress={() => setText(undefined)}>Back to what is saved</Button> : null}
          <select
            className="select"
            aria-label="Add a statement"
            value=""
            disabled={check?.valid !== true}
            onChange={(event) => {
              const template = TEMPLATES.find(({ id }) => id === event.target.value);
              if (template !== undefined) setText(withStatement(text, template.make(saved, key)));
            }}
          >
            <option value="">Add a statement…</option>
            {TEMPLATES.map(({ id, word }) => (
              <option key={id} value={id}>
                {word}
              </option>
            ))}
          </select>
        </div>
      </Card>
      <div className="cards-column">
        <Card title="In words">
          <PolicySummary of={check?.valid === false ? undefined : summarizePolicy(text)} />
        </Card>
        {children}
      </div>
      {asking && check?.valid === true ? (
        <Confirm
          title="Save this policy?"
          does="Save the policy"
          leaves="Leave it as it was"
          busy={busy}
          onDo={put}
          onClose={() => setAsking(false)}
        >
          <p>
            Afterwards you can no longer{' '}
            {list(
              check.loses.map((name) => actionText(`kms:${name}`)),
              'or',
            )}{' '}
            with this key.
          </p>
          <p>You can still change the policy, and take this back.</p>
        </Confirm>
      ) : null}
    </div>
  );
}
