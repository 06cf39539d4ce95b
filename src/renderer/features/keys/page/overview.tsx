import { useId, useState } from 'react';
import type { KeyDetail } from '../../../../shared/contract.ts';
import { hasPublicKey, isForFiles } from '../../../../shared/key-specs.ts';
import { countText, sizeText } from '../../../../shared/measures.ts';
import { ask } from '../../../bridge.ts';
import { Button } from '../../../components/button.tsx';
import { Card } from '../../../components/card.tsx';
import { Copied } from '../../../components/copy.tsx';
import { Facts } from '../../../components/inspector-pane.tsx';
import { ErrorNote } from '../../../components/note.tsx';
import { useMutation } from '../../../data/mutation.ts';
import { useQuery } from '../../../data/query.ts';
import { useView } from '../../../data/view.ts';
import { errorText } from '../../../text/errors.ts';
import { escaped } from '../../../text/file-names.ts';
import { day } from '../../../text/format.ts';
import { isChangeable, keyName } from '../../../text/keys.ts';
import { specName, usageText } from '../../../text/purposes.ts';
import { Aliases } from './aliases.tsx';
import { Deletion } from './deletion.tsx';
import { PublicKey } from './public-key.tsx';
import { Tags } from './tags.tsx';

type Props = { readonly of: KeyDetail };

/** What a key is, what it is called and what depends on it. */
export function Overview({ of: key }: Props) {
  const trace = useView((view) => view.trace);
  return (
    <div className="columns">
      <div className="cards-column">
        <Card
          title="About"
          action={
            <Button look="plain compact" onPress={() => trace(key.keyId)}>
              Show its activity
            </Button>
          }
        >
          <Description of={key} />
          <Facts
            of={[
              ['Does', `${usageText(key)}, ${specName(key)}`],
              ['Made', day(key.createdAt)],
              ...(key.origin === 'EXTERNAL' ? [['Material', 'imported'] as const] : []),
              ...(isForFiles(key) ? [['Files', <FilesUnder key="files" id={key.keyId} />] as const] : []),
              [
                'Id',
                <Copied key="id" what="the id">
                  {key.keyId}
                </Copied>,
              ],
              [
                'ARN',
                <Copied key="arn" what="the ARN">
                  {key.arn}
                </Copied>,
              ],
              ['Usage', <span key="usage" className="mono">{`${key.usage}, ${key.spec}`}</span>],
              [
                'Works with',
                <span key="algorithms" className="mono">
                  {key.algorithms.join(', ')}
                </span>,
              ],
            ]}
          />
        </Card>
        {hasPublicKey(key) ? <PublicKey of={key} /> : null}
      </div>
      <div className="cards-column">
        <Aliases of={key} />
        <Tags of={key} />
        <Deletion of={key} />
      </div>
    </div>
  );
}

function FilesUnder({ id }: { readonly id: string }) {
  const { value, error } = useQuery('keys.files', { key: id });
  if (value === undefined) return error === undefined ? '…' : errorText(error);
  if (value.files === 0) return 'none that this vault knows of';
  return `${countText(value.files, 'file')} that this vault knows of, ${sizeText(value.bytes)}`;
}

function Description({ of: key }: Props) {
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const { busy, error, change } = useMutation();
  const save = () =>
    change('The description is saved.', async () => {
      await ask('keys.setDescription', { key: key.keyId, description: typed ?? '' });
      setTyped(undefined);
    });
  if (typed === undefined) {
    return (
      <div className="described">
        <p className={key.description === '' ? 'soft' : 'text'}>
          {key.description === '' ? (
            'Nobody has written what it is for.'
          ) : (
            <bdi>{escaped(key.description)}</bdi>
          )}
        </p>
        {!isChangeable(key) ? null : (
          <Button look="plain compact" onPress={() => setTyped(key.description)}>
            {key.description === '' ? 'Describe' : 'Change'}
            <span className="hidden"> what {keyName(key)} is for</span>
          </Button>
        )}
      </div>
    );
  }
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) save();
      }}
    >
      <div className="field">
        <label htmlFor={id}>What it is for</label>
        <textarea
          id={id}
          className="input"
          rows={3}
          maxLength={8_192}
          // biome-ignore lint/a11y/noAutofocus: the field was asked for
          autoFocus
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </div>
      <ErrorNote error={error} />
      <div className="actions">
        <Button submit look="main" busy={busy}>
          Save
        </Button>
        <Button onPress={() => setTyped(undefined)}>Cancel</Button>
      </div>
    </form>
  );
}
