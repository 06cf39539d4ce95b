import { useState } from 'react';
import type { KeyGrant } from '../../../../shared/access-contract.ts';
import type { KeyDetail } from '../../../../shared/contract.ts';
import { ask } from '../../../bridge.ts';
import { Button } from '../../../components/button.tsx';
import { Card } from '../../../components/card.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Mono } from '../../../components/inline-text.tsx';
import { ErrorNote } from '../../../components/note.tsx';
import { useMutation } from '../../../data/mutation.ts';
import { useQuery } from '../../../data/query.ts';
import { escaped } from '../../../text/file-names.ts';
import { capital, day, list } from '../../../text/format.ts';
import { actionText, principalText } from '../../../text/policy-summary.ts';
import { NewGrant } from './new-grant.tsx';

type Props = { readonly of: KeyDetail };

/** The grants on a key. */
export function Grants({ of: key }: Props) {
  const asked = useQuery('keys.grants', { key: key.keyId }, 'keysRevision');
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<KeyGrant>();
  const known = asked.value;
  return (
    <Card
      title="Grants"
      action={
        key.state === 'Enabled' ? (
          <Button look="plain compact" onPress={() => setMaking(true)}>
            New grant…
          </Button>
        ) : undefined
      }
    >
      <p className="soft">
        A grant lets one user do a few things with this key, until it is ended. A Deny in a policy still wins.
      </p>
      <ErrorNote error={asked.error} actions={<Button onPress={asked.again}>Try again</Button>} />
      {known?.grants.length === 0 ? <p>There are none.</p> : null}
      <ul className="grants">
        {known?.grants.map((grant) => (
          <GrantRow key={grant.grantId} of={grant} onEnd={() => setEnding(grant)} />
        ))}
      </ul>
      {known?.more ? <p className="soft">There are more than are shown here.</p> : null}
      {making ? <NewGrant of={key} onClose={() => setMaking(false)} /> : null}
      {ending === undefined ? null : <End of={key} grant={ending} onClose={() => setEnding(undefined)} />}
    </Card>
  );
}

function GrantRow({ of: grant, onEnd }: { readonly of: KeyGrant; readonly onEnd: () => void }) {
  const pairs = Object.entries(grant.equals ?? grant.subset ?? {});
  return (
    <li>
      <div>
        <p className="text">
          <bdi>{escaped(principalText(grant.grantee, false))}</bdi> may{' '}
          {list(grant.operations.map((name) => actionText(`kms:${name}`)))}
        </p>
        {pairs.length === 0 ? null : (
          <p className="small text">
            only with the context{' '}
            <bdi>{escaped(pairs.map(([name, value]) => `${name}=${value}`).join(', '))}</bdi>
            {grant.equals === undefined ? ', among others' : ' and nothing else'}
          </p>
        )}
        <p className="small soft">
          {grant.name === undefined ? null : (
            <>
              <Mono>{grant.name}</Mono>,{' '}
            </>
          )}
          made {day(grant.createdAt)}
          {grant.retiring === undefined
            ? ''
            : `; ${escaped(principalText(grant.retiring, false))} may retire it`}
        </p>
      </div>
      <Button look="plain compact" onPress={onEnd}>
        End…<span className="hidden"> the grant of {escaped(principalText(grant.grantee, false))}</span>
      </Button>
    </li>
  );
}

function End({
  of: key,
  grant,
  onClose,
}: Props & { readonly grant: KeyGrant; readonly onClose: () => void }) {
  const { busy, error, change } = useMutation();
  const end = (method: 'keys.revokeGrant' | 'keys.retireGrant') =>
    change('The grant is ended.', async () => {
      await ask(method, { key: key.keyId, grantId: grant.grantId });
      onClose();
    });
  return (
    <Dialog title="End this grant?" onClose={onClose}>
      <p>
        <bdi>{escaped(capital(principalText(grant.grantee, false)))}</bdi> loses at once what only this grant
        allowed. A grant that was ended can’t be brought back, but a new one can be made.
      </p>
      <p className="small soft">
        Revoking takes it away as who rules over the key. Retiring gives it back as done with; the log says
        which.
      </p>
      <ErrorNote error={error} />
      <div className="actions end">
        <Button onPress={onClose}>Leave it</Button>
        <Button busy={busy} onPress={() => end('keys.retireGrant')}>
          Retire it
        </Button>
        <Button look="danger" busy={busy} onPress={() => end('keys.revokeGrant')}>
          Revoke it
        </Button>
      </div>
    </Dialog>
  );
}
