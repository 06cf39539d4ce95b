import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { ClientSummary } from '../../../shared/endpoint-contract.ts';
import type { Role } from '../../../shared/roles.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { Mono } from '../../components/inline-text.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { useMutation } from '../../data/mutation.ts';
import { useQuery } from '../../data/query.ts';
import { escaped } from '../../text/file-names.ts';
import { brief, day } from '../../text/format.ts';
import { NewClient } from './new-client.tsx';

/** The clients of the endpoint: who else may use keys of this vault. */
export function Clients({ role }: { readonly role: Role | undefined }) {
  const asked = useQuery('clients.list', role === 'operator' ? null : {}, 'keysRevision');
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<ClientSummary>();
  const clients = asked.value?.clients;
  return (
    <section>
      <h2>Clients of the endpoint</h2>
      <p className="small soft">
        Each program gets an access key of its own. What it may do, its policy and the policies of the keys
        say.
      </p>
      {role === 'operator' ? <p className="small">Only the owner and the auditor see them.</p> : null}
      <ErrorNote error={asked.error} actions={<Button onPress={asked.again}>Try again</Button>} />
      {clients?.length === 0 ? <p className="small">There are none.</p> : null}
      <ul className="clients">
        {clients?.map((client) => (
          <li key={client.name}>
            <div>
              <bdi>{escaped(client.name)}</bdi>{' '}
              <span className="small soft">
                {client.policy === null ? 'full access' : 'by its policy'}, since {day(client.createdAt)}
                {client.revokedAt === undefined ? '' : `, revoked on ${day(client.revokedAt)}`}
              </span>
              <p>
                <Mono>{client.accessKeyId}</Mono>
              </p>
            </div>
            {client.revokedAt === undefined && role === undefined ? (
              <Button look="danger compact" onPress={() => setEnding(client)}>
                Revoke…<span className="hidden"> {escaped(client.name)}</span>
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {role === undefined && asked.error === undefined ? (
        <div className="actions">
          <Button icon={Plus} onPress={() => setMaking(true)}>
            New client…
          </Button>
        </div>
      ) : null}
      {making ? <NewClient onClose={() => setMaking(false)} /> : null}
      {ending === undefined ? null : <Revoke of={ending} onClose={() => setEnding(undefined)} />}
    </section>
  );
}

function Revoke({ of: client, onClose }: { readonly of: ClientSummary; readonly onClose: () => void }) {
  const { busy, error, change } = useMutation();
  const revoke = () =>
    change('The client is revoked.', async () => {
      await ask('clients.revoke', { name: client.name });
      onClose();
    });
  return (
    <Confirm
      title={`Revoke ${escaped(client.name)}?`}
      does={`Revoke ${brief(escaped(client.name))}`}
      leaves="Leave it"
      busy={busy}
      error={error}
      onDo={revoke}
      onClose={onClose}
    >
      <p>
        Its access key works no more, at once and for good: the vault forgets the secret. Keys and files stay
        as they are. A new client gets another name.
      </p>
    </Confirm>
  );
}
