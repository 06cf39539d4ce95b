import { useEffect, useState } from 'react';
import type { PolicyCheck } from '../../../../shared/access-contract.ts';
import type { KeyDetail } from '../../../../shared/contract.ts';
import { ask } from '../../../bridge.ts';
import { Button } from '../../../components/button.tsx';
import { Card } from '../../../components/card.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { ErrorNote, Note } from '../../../components/note.tsx';
import { useAsked, useDoing } from '../../../data/asked.ts';
import { say } from '../../../data/jobs.ts';
import { policyDrafts } from '../../../data/policy-drafts.ts';
import { useView } from '../../../data/view.ts';
import { list } from '../../../words/format.ts';
import { inert } from '../../../words/names.ts';
import { readings, whatOf } from '../../../words/policy.ts';
import { TEMPLATES, withStatement } from '../../../words/policy-templates.ts';
import { JsonField } from './json-field.tsx';
import { ReadingList } from './reading.tsx';

/** How long typing must rest before a policy is checked, in milliseconds. */
const REST = 250;

/** The policy of a key: its JSON, checked as it is typed, beside what it says in words. */
export function KeyPolicy({ of: key }: { readonly of: KeyDetail }) {
  const asked = useAsked('keys.policy', { key: key.keyId }, 'keysRevision');
  const saved = asked.value?.policy;
  return (
    <Card title="Key policy">
      <ErrorNote error={asked.error} actions={<Button onPress={asked.again}>Try again</Button>} />
      {saved === undefined ? null : <Editor of={key} saved={saved} />}
    </Card>
  );
}

type EditorProps = { readonly of: KeyDetail; readonly saved: string };

function Editor({ of: key, saved }: EditorProps) {
  const changed = useView((view) => view.keysChanged);
  const drafts = policyDrafts.use();
  const text = drafts.get(key.keyId) ?? saved;
  const check = useCheck(key.keyId, text);
  const [asking, setAsking] = useState(false);
  const { busy, error, run } = useDoing();
  const setText = (next: string | undefined) => {
    const all = new Map(drafts);
    if (next === undefined || next === saved) all.delete(key.keyId);
    else all.set(key.keyId, next);
    policyDrafts.set(all);
  };
  const put = () =>
    run(async () => {
      setAsking(false);
      await ask('keys.putPolicy', { key: key.keyId, policy: text });
      setText(undefined);
      changed();
      say('The policy is saved.');
    });
  const differs = text !== saved;
  const ready = differs && check?.valid === true && !check.locksOut;
  const losing = check?.valid === true && check.loses.length > 0;
  return (
    <>
      <div className="policy">
        <div className="policy-text">
          <JsonField
            label="Policy as JSON"
            value={text}
            invalid={check?.valid === false}
            about="policy-verdict"
            onChange={setText}
          />
        </div>
        <div className="policy-words">
          <h3>In words</h3>
          <ReadingList of={check?.valid === false ? undefined : readings(text)} />
        </div>
      </div>
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
      {asking && check?.valid === true ? (
        <Dialog title="Save this policy?" onClose={() => setAsking(false)}>
          <p>
            Afterwards you can no longer {list(check.loses.map((name) => whatOf(`kms:${name}`)))} with this
            key.
          </p>
          <p>You can still change the policy, and take this back.</p>
          <div className="actions end">
            <Button onPress={() => setAsking(false)}>Leave it as it was</Button>
            <Button look="danger" busy={busy} onPress={put}>
              Save the policy
            </Button>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}

function Verdict({
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
        Not a policy yet. <bdi>{inert(check.why)}</bdi>
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
        With this you can no longer {list(check.loses.map((name) => whatOf(`kms:${name}`)))}. You could still
        change the policy.
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
function useCheck(key: string, policy: string): PolicyCheck | undefined {
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
