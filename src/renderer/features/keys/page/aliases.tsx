import { useId, useState } from 'react';
import type { KeyDetail } from '../../../../shared/contract.ts';
import { ask } from '../../../bridge.ts';
import { Button } from '../../../components/button.tsx';
import { Card } from '../../../components/card.tsx';
import { Confirm } from '../../../components/confirm.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Mono } from '../../../components/inline-text.tsx';
import { ErrorNote } from '../../../components/note.tsx';
import { useKeys } from '../../../data/keys.tsx';
import { useMutation } from '../../../data/mutation.ts';
import { aliasFor, isChangeable, keyName } from '../../../text/keys.ts';

type Props = { readonly of: KeyDetail };

/** The names of a key: aliases, which can be given, taken away and given to another key. */
export function Aliases({ of: key }: Props) {
  const { settings } = useKeys();
  const [asking, setAsking] = useState<{ readonly what: 'remove' | 'move'; readonly alias: string }>();
  const close = () => setAsking(undefined);
  return (
    <Card title="Names">
      {key.aliases.length === 0 ? (
        <p className="soft">It has no name. Until it gets one, it goes by its id.</p>
      ) : (
        <ul className="entries">
          {key.aliases.map((alias) => {
            const standard = settings?.['default-key'] === alias;
            return (
              <li key={alias}>
                <span>
                  <Mono>{alias}</Mono>
                  {standard ? (
                    <span className="small soft"> new files are encrypted under this name</span>
                  ) : null}
                </span>
                {key.managed ? null : (
                  <span className="end">
                    <Button look="plain compact" onPress={() => setAsking({ what: 'move', alias })}>
                      Move…<span className="hidden"> {alias}</span>
                    </Button>
                    {standard ? null : (
                      <Button look="plain compact" onPress={() => setAsking({ what: 'remove', alias })}>
                        Remove…<span className="hidden"> {alias}</span>
                      </Button>
                    )}
                  </span>
                )}
              </li>
            );
          })}
        </ul>
      )}
      {isChangeable(key) ? <AddName of={key} /> : null}
      {asking?.what === 'remove' ? <Remove alias={asking.alias} onClose={close} /> : null}
      {asking?.what === 'move' ? <Move of={key} alias={asking.alias} onClose={close} /> : null}
    </Card>
  );
}

function AddName({ of: key }: Props) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const { busy, error, change } = useMutation();
  const alias = typed.startsWith('alias/') ? typed.trim() : aliasFor(typed);
  const add = () =>
    change('The name is added.', async () => {
      await ask('keys.addAlias', { key: key.keyId, alias });
      setTyped('');
    });
  return (
    <form
      className="field"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy && alias !== '') add();
      }}
    >
      <label htmlFor={id}>One more name</label>
      <div className="beside">
        <input
          id={id}
          className="input"
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          aria-describedby={`${id}-alias`}
        />
        <Button submit busy={busy || alias === ''}>
          Add
        </Button>
      </div>
      <p id={`${id}-alias`} className="small soft">
        {alias === '' ? 'A key can have up to 50.' : <Mono>{alias}</Mono>}
      </p>
      <ErrorNote error={error} />
    </form>
  );
}

function Remove({ alias, onClose }: { readonly alias: string; readonly onClose: () => void }) {
  const { busy, error, change } = useMutation();
  const remove = () =>
    change('The name is removed.', async () => {
      await ask('keys.removeAlias', { alias });
      onClose();
    });
  return (
    <Confirm
      title="Remove this name?"
      does="Remove the name"
      leaves="Leave it"
      busy={busy}
      error={error}
      onDo={remove}
      onClose={onClose}
    >
      <p>
        The key stays, and so does every file under it. Whatever asks for the key as <Mono>{alias}</Mono> does
        not find it any more.
      </p>
    </Confirm>
  );
}

type MoveProps = Props & { readonly alias: string; readonly onClose: () => void };

function Move({ of: key, alias, onClose }: MoveProps) {
  const id = useId();
  const { list } = useKeys();
  const others =
    list?.filter(
      ({ keyId, spec, usage, state }) =>
        keyId !== key.keyId && spec === key.spec && usage === key.usage && state !== 'PendingDeletion',
    ) ?? [];
  const [to, setTo] = useState(others[0]?.keyId);
  const { busy, error, change } = useMutation();
  const move = () =>
    change('The name is moved.', async () => {
      if (to === undefined) return;
      await ask('keys.moveAlias', { alias, key: to });
      onClose();
    });
  return (
    <Dialog title="Give this name to another key" onClose={onClose}>
      <p>
        Whatever asks for <Mono>{alias}</Mono> gets the other key from then on. Files that were encrypted
        under {keyName(key)} stay under it and open as before.
      </p>
      {others.length === 0 ? (
        <p className="soft">There is no other key of the same kind.</p>
      ) : (
        <div className="field">
          <label htmlFor={id}>The key that gets it</label>
          <select id={id} className="select" value={to} onChange={(event) => setTo(event.target.value)}>
            {others.map((one) => (
              <option key={one.keyId} value={one.keyId}>
                {keyName(one)}
              </option>
            ))}
          </select>
        </div>
      )}
      <ErrorNote error={error} />
      <div className="actions end">
        <Button onPress={onClose}>Cancel</Button>
        {others.length === 0 ? null : (
          <Button look="main" busy={busy} onPress={move}>
            Move the name
          </Button>
        )}
      </div>
    </Dialog>
  );
}
