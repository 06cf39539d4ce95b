import { useState } from 'react';
import type { KeyDetail } from '../../../../shared/contract.ts';
import { ask } from '../../../bridge.ts';
import { Button } from '../../../components/button.tsx';
import { Card } from '../../../components/card.tsx';
import { Mono } from '../../../components/inline-text.tsx';
import { ErrorNote } from '../../../components/note.tsx';
import { PairFields, pairsOf, type TypedPair } from '../../../components/pair-fields.tsx';
import { useMutation } from '../../../data/mutation.ts';
import { isChangeable } from '../../../text/keys.ts';

/** The tags of a key. */
export function Tags({ of: key }: { readonly of: KeyDetail }) {
  const [rows, setRows] = useState<readonly TypedPair[]>();
  const { busy, error, change } = useMutation();
  const edit = () =>
    setRows(
      key.tags.length === 0 ? [{ id: 0, key: '', value: '' }] : key.tags.map((tag, id) => ({ id, ...tag })),
    );
  const save = () =>
    change('The tags are saved.', async () => {
      await ask('keys.setTags', { key: key.keyId, tags: pairsOf(rows ?? []) });
      setRows(undefined);
    });
  return (
    <Card
      title="Tags"
      action={
        rows !== undefined || !isChangeable(key) ? undefined : (
          <Button look="plain compact" onPress={edit}>
            {key.tags.length === 0 ? 'Add tags' : 'Change tags'}
          </Button>
        )
      }
    >
      {rows === undefined ? (
        key.tags.length === 0 ? (
          <p className="soft">
            None. Tags sort keys by whatever matters to you, and policies can ask for them.
          </p>
        ) : (
          <ul className="tags">
            {key.tags.map((tag) => (
              <li key={tag.key}>
                <Mono>{tag.key}</Mono>
                {tag.value === '' ? null : <Mono>{tag.value}</Mono>}
              </li>
            ))}
          </ul>
        )
      ) : (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (!busy) save();
          }}
        >
          <PairFields noun="Tag" most={50} rows={rows} onChange={setRows} />
          <ErrorNote error={error} />
          <div className="actions">
            <Button submit look="main" busy={busy}>
              Save
            </Button>
            <Button onPress={() => setRows(undefined)}>Cancel</Button>
          </div>
        </form>
      )}
    </Card>
  );
}
