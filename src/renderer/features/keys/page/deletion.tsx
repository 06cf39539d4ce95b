import { useId, useState } from 'react';
import type { KeyDetail } from '../../../../shared/contract.ts';
import { isForFiles } from '../../../../shared/key-specs.ts';
import { countText, sizeText } from '../../../../shared/measures.ts';
import { ask } from '../../../bridge.ts';
import { Button } from '../../../components/button.tsx';
import { Card } from '../../../components/card.tsx';
import { DialogForm } from '../../../components/dialog-form.tsx';
import { Mono } from '../../../components/inline-text.tsx';
import { ErrorNote, Note } from '../../../components/note.tsx';
import { useKeys } from '../../../data/keys.tsx';
import { useMutation } from '../../../data/mutation.ts';
import { useQuery } from '../../../data/query.ts';
import { brief, day, shortDay } from '../../../text/format.ts';
import { isChangeable, keyName } from '../../../text/keys.ts';

type Props = { readonly of: KeyDetail };
const [MIN, MAX] = [7, 30];
const DAY = 86_400_000;
/** Files that are named; the others are counted. */
const NAMED = 5;

/** The end of a key: how to have it deleted. */
export function Deletion({ of: key }: Props) {
  const { standard } = useKeys();
  const [asking, setAsking] = useState(false);
  if (!isChangeable(key)) return null;
  return (
    <Card title="Deletion">
      <p className="soft">
        {standard?.keyId === key.keyId
          ? 'New files are encrypted under this key. To delete it, let another key take that over first.'
          : 'A key is deleted after 7 to 30 days, in which it does nothing and can be taken back. To stop its use, disabling it is enough.'}
      </p>
      {standard?.keyId === key.keyId ? null : (
        <div className="actions">
          <Button look="danger" onPress={() => setAsking(true)}>
            Delete…
          </Button>
        </div>
      )}
      {asking ? <Sure of={key} onClose={() => setAsking(false)} /> : null}
    </Card>
  );
}

/** Takes a deletion back. */
export function KeepKey({ of: key }: Props) {
  const { busy, error, change } = useMutation();
  const keep = () =>
    change('The key stays.', async () => {
      await ask('keys.cancelDeletion', { key: key.keyId });
    });
  return (
    <>
      <Button busy={busy} onPress={keep}>
        Keep the key
      </Button>
      <span className="small soft">It is disabled then; enable it to use it again.</span>
      <ErrorNote error={error} />
    </>
  );
}

function Sure({ of: key, onClose }: Props & { readonly onClose: () => void }) {
  const id = useId();
  const name = keyName(key);
  const [days, setDays] = useState(String(MAX));
  const [typed, setTyped] = useState('');
  const { busy, error, change } = useMutation();
  const wanted = Number(days);
  const fits = Number.isInteger(wanted) && wanted >= MIN && wanted <= MAX;
  const ready = fits && typed.trim().toLowerCase() === name.toLowerCase();
  const schedule = () =>
    change('The key is to be deleted.', async () => {
      await ask('keys.scheduleDeletion', { key: key.keyId, days: wanted });
      onClose();
    });
  return (
    <DialogForm
      title={`Delete ${name}?`}
      does={`Delete ${brief(name)} after ${fits ? wanted : MAX} days`}
      leaves="Keep it"
      look="danger"
      broad
      busy={busy}
      ready={ready}
      onSubmit={schedule}
      onClose={onClose}
    >
      {isForFiles(key) ? <Losses of={key} /> : <p>Nothing can be done with {name} any more.</p>}
      <Remains of={key} />
      <div className="field">
        <label htmlFor={`${id}-days`}>Days until it may be shredded, 7 to 30</label>
        <div className="beside start">
          <input
            id={`${id}-days`}
            className="input days"
            type="number"
            min={MIN}
            max={MAX}
            required
            value={days}
            onChange={(event) => setDays(event.target.value)}
            aria-describedby={`${id}-date`}
          />
          <span id={`${id}-date`} className="small soft">
            {fits
              ? `Not before ${day(new Date(Date.now() + wanted * DAY).toISOString())}. An unlock after that date tells you first; one a day later or more shreds it.`
              : 'Between 7 and 30.'}
          </span>
        </div>
      </div>
      <div className="field">
        <label htmlFor={`${id}-name`}>Type {name} to confirm</label>
        <input
          id={`${id}-name`}
          className="input"
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </div>
      <ErrorNote error={error} />
    </DialogForm>
  );
}

/** Which files are lost with a key. */
function Losses({ of: key }: Props) {
  const asked = useQuery('keys.files', { key: key.keyId });
  const known = asked.value;
  if (known === undefined) return <ErrorNote error={asked.error} />;
  if (known.files === 0) {
    return (
      <p>
        This vault knows of no file under {keyName(key)}. Files that were encrypted elsewhere, or whose record
        is gone, it does not know.
      </p>
    );
  }
  return (
    <Note tone="warn">
      <p>
        This key still opens {countText(known.files, 'file')} ({sizeText(known.bytes)}) that this vault knows
        of. From today they don’t open; once the key is shredded, not ever again here:
      </p>
      <ul className="losses">
        {known.newest.slice(0, NAMED).map(({ path }) => (
          <li key={path}>
            <Mono>{path}</Mono>
          </li>
        ))}
      </ul>
      {known.files > NAMED ? <p>and {countText(known.files - NAMED, 'other file', 'other files')}.</p> : null}
    </Note>
  );
}

/** What still holds the material of a key after it was shredded here. */
function Remains({ of: key }: Props) {
  const exported = key.history.flatMap(({ exportedAt }) => exportedAt ?? []);
  return (
    <div>
      <p className="legend">What shredding does not reach</p>
      <ul className="bullets">
        <li>
          Older copies of this vault, such as a backup of its folder: with the passphrase or the recovery
          phrase of that time they still have the key.
        </li>
        <li>
          {exported.length === 0
            ? 'Exports: none of its versions was ever exported.'
            : `Exports: ${countText(exported.length, 'version')} left the vault, the last on ${shortDay(exported.toSorted().at(-1) ?? '')}. Whoever has the export has the key.`}
        </li>
        <li>Files that are wrapped under another key too: they open with that one.</li>
      </ul>
    </div>
  );
}
