import { useId, useState } from 'react';
import type { KeyDetail } from '../../../../shared/contract.ts';
import { ask } from '../../../bridge.ts';
import { Button } from '../../../components/button.tsx';
import { Card } from '../../../components/card.tsx';
import { ErrorNote } from '../../../components/note.tsx';
import { useMutation } from '../../../data/mutation.ts';
import { day } from '../../../text/format.ts';
import { isChangeable } from '../../../text/keys.ts';

const USUAL = [90, 180, 365, 730];
const WORDS: { readonly [days: number]: string } = {
  90: 'every 90 days',
  180: 'every 180 days',
  365: 'every year (365 days)',
  730: 'every two years (730 days)',
};
const [MIN, MAX] = [90, 2_560];

/** When a key gets a new version by itself. */
export function Rotation({ of: key }: { readonly of: KeyDetail }) {
  const id = useId();
  const now = key.rotation?.days ?? 0;
  const [chosen, setChosen] = useState<string>();
  const [typed, setTyped] = useState('');
  const { busy, error, change } = useMutation();
  const shown = chosen ?? String(now);
  const days = shown === 'other' ? Number(typed) : Number(shown);
  const fits = days === 0 || (Number.isInteger(days) && days >= MIN && days <= MAX);
  const save = () =>
    change('Saved.', async () => {
      await ask('keys.setRotation', { key: key.keyId, days: days === 0 ? null : days });
      setChosen(undefined);
      setTyped('');
    });
  const choices = now === 0 || USUAL.includes(now) ? USUAL : [now, ...USUAL];
  return (
    <Card title="Next version">
      <p className="soft">
        {key.rotation === undefined
          ? 'A new version is made when you ask for it.'
          : `The next one is due on ${day(key.rotation.next)}. If the vault is locked that day, it is made at the next unlock.`}
      </p>
      {key.state === 'Enabled' && isChangeable(key) ? (
        <form
          className="beside start"
          onSubmit={(event) => {
            event.preventDefault();
            if (!busy && fits) save();
          }}
        >
          <select
            className="select"
            aria-label="Make a new version"
            value={shown}
            onChange={(event) => setChosen(event.target.value)}
          >
            <option value="0">Only when asked</option>
            {choices.map((one) => (
              <option key={one} value={one}>
                {WORDS[one] ?? `every ${one} days`}
              </option>
            ))}
            <option value="other">after so many days…</option>
          </select>
          {shown === 'other' ? (
            <input
              id={id}
              className="input small-input days"
              type="number"
              aria-label={`Days, ${MIN} to ${MAX}`}
              placeholder={`${MIN} to ${MAX}`}
              min={MIN}
              max={MAX}
              required
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          ) : null}
          {chosen === undefined || (fits && days === now) ? null : (
            <Button submit look="main" busy={busy || !fits}>
              Save
            </Button>
          )}
        </form>
      ) : null}
      <ErrorNote error={error} />
    </Card>
  );
}
