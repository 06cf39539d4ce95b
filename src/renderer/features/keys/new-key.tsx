import { useId, useState } from 'react';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { Mono } from '../../components/text.tsx';
import { useDoing } from '../../data/asked.ts';
import { useView } from '../../data/view.ts';
import { aliasFor } from '../../words/keys.ts';

/** Makes a key from a name that people give it. */
export function NewKey({ onClose }: { readonly onClose: () => void }) {
  const id = useId();
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const { keysChanged, choose } = useView();
  const { busy, error, run } = useDoing();
  const alias = aliasFor(name);
  const make = () =>
    run(async () => {
      const made = await ask('keys.create', { alias, description });
      keysChanged();
      onClose();
      choose({ kind: 'key', id: made.keyId });
    });
  return (
    <Dialog title="New key" onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && alias !== '') make();
        }}
      >
        <div className="field">
          <label htmlFor={`${id}-name`}>Name</label>
          <input
            id={`${id}-name`}
            className="input"
            maxLength={120}
            required
            autoComplete="off"
            autoFocus
            value={name}
            onChange={(event) => setName(event.target.value)}
            aria-describedby={`${id}-alias`}
          />
          <p id={`${id}-alias`} className="small soft">
            {alias === '' ? 'Such as Tax papers.' : <Mono>{alias}</Mono>}
          </p>
        </div>
        <div className="field">
          <label htmlFor={`${id}-about`}>What it is for</label>
          <input
            id={`${id}-about`}
            className="input"
            maxLength={1_000}
            autoComplete="off"
            value={description}
            onChange={(event) => setDescription(event.target.value)}
          />
        </div>
        <ErrorNote error={error} />
        <div className="actions end">
          <Button onPress={onClose}>Cancel</Button>
          <Button submit look="main" busy={busy || alias === ''}>
            Make the key
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
