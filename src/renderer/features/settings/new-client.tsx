import { useId, useState } from 'react';
import type { BridgeOutput } from '../../../shared/bridge.ts';
import { accessKeyEnvironment } from '../../../shared/endpoint-environment.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Copied, CopyButton } from '../../components/copy.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { DialogForm } from '../../components/dialog-form.tsx';
import { Facts } from '../../components/inspector-pane.tsx';
import { ErrorNote, Note } from '../../components/note.tsx';
import { useAction } from '../../data/query.ts';
import { useView } from '../../data/view.ts';
import { JsonField } from '../keys/access/json-field.tsx';

/** What a client may do to begin with; it can be narrowed before the client is made. */
const POLICY = JSON.stringify(
  {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['kms:DescribeKey', 'kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey*'],
        Resource: '*',
      },
    ],
  },
  null,
  2,
);

/** Makes a client and shows its access key, this once. */
export function NewClient({ onClose }: { readonly onClose: () => void }) {
  const id = useId();
  const changed = useView((view) => view.keysChanged);
  const [name, setName] = useState('');
  const [full, setFull] = useState(false);
  const [policy, setPolicy] = useState(POLICY);
  const [made, setMade] = useState<BridgeOutput<'clients.create'>>();
  const { busy, error, run } = useAction();
  const ready = name.trim() !== '';
  const make = () =>
    run(async () => {
      setMade(await ask('clients.create', { name: name.trim(), policy: full ? null : policy }));
      changed();
    });
  if (made !== undefined) {
    return (
      <Dialog title="Its access key" onClose={onClose} broad>
        <Note tone="warn">
          The secret is shown this once. Put it where the program looks for it, then close this.
        </Note>
        <Facts
          of={[
            [
              'Access key',
              <Copied key="id" what="the access key id">
                {made.accessKeyId}
              </Copied>,
            ],
            [
              'Secret',
              <Copied key="secret" what="the secret" secret>
                {made.secretAccessKey}
              </Copied>,
            ],
            [
              'Principal',
              <Copied key="arn" what="the principal">
                {made.principal}
              </Copied>,
            ],
          ]}
        />
        <div className="pick">
          <p className="small">Key and secret as lines for a shell:</p>
          <CopyButton
            text={`${accessKeyEnvironment(made.accessKeyId, made.secretAccessKey).join('\n')}\n`}
            what="both as lines for a shell"
            secret
          />
        </div>
        <div className="actions end">
          <Button look="main" onPress={onClose}>
            I have put it away
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <DialogForm
      title="New client"
      does="Make the client"
      broad
      busy={busy}
      ready={ready}
      onSubmit={make}
      onClose={onClose}
    >
      <div className="field">
        <label htmlFor={`${id}-name`}>Name</label>
        <input
          id={`${id}-name`}
          className="input"
          maxLength={64}
          required
          autoComplete="off"
          spellCheck={false}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </div>
      <div className="field">
        <label htmlFor={`${id}-access`}>What it may do</label>
        <select
          id={`${id}-access`}
          className="select"
          value={full ? 'full' : 'policy'}
          onChange={(event) => setFull(event.target.value === 'full')}
        >
          <option value="policy">What this policy allows</option>
          <option value="full">Everything with all keys (full access)</option>
        </select>
      </div>
      {full ? null : (
        <JsonField
          label="Policy of the client as JSON"
          value={policy}
          invalid={error?.code === 'MalformedPolicyDocumentException'}
          about={`${id}-wrong`}
          onChange={setPolicy}
        />
      )}
      <div id={`${id}-wrong`}>
        <ErrorNote error={error} />
      </div>
    </DialogForm>
  );
}
