import { useState } from 'react';
import type { PageMerge } from '../../../shared/bridge.ts';
import { countText } from '../../../shared/measures.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Check } from '../../components/check.tsx';
import { useHoldOpen } from '../../components/dialog.tsx';
import { ErrorNote, Note } from '../../components/note.tsx';
import { WorkBar } from '../../components/work-bar.tsx';
import { useAction } from '../../data/query.ts';
import { errorText } from '../../text/errors.ts';
import { escaped } from '../../text/file-names.ts';
import { clockTime, day } from '../../text/format.ts';
import { changeText, differenceText, keptText, valueText } from '../../text/merge.ts';

type Props = {
  readonly plan: PageMerge;
  readonly onDone: (taken: number) => void;
  readonly onClose: () => void;
};

/** What a backup would bring, what it leaves, and where the two differ: the vault keeps its own unless it is ticked. */
export function MergePlan({ plan, onDone, onClose }: Props) {
  const [take, setTake] = useState<readonly string[]>([]);
  const { busy, error, run } = useAction();
  useHoldOpen(busy);
  const { backup, changes, kept, differences, files, notes, passedOver } = plan;
  const merge = () =>
    run(async () => onDone((await ask('backup.merge', { plan: plan.plan, take: [...take] })).taken));
  return (
    <div className="stack">
      <p>
        The backup of {day(backup.created)}, {clockTime(backup.created)}:
      </p>
      <ul className="bullets" aria-label="What it would bring">
        {changes.map((change) => (
          <li key={`${change.kind} ${change.id} ${change.what ?? ''}`} className="text">
            {changeText(change)}
          </li>
        ))}
        {files === 0 ? null : <li>{countText(files, 'encrypted file')} that the vault does not know.</li>}
        {changes.length === 0 && files === 0 ? <li>Nothing that the vault has not.</li> : null}
        {kept.map((one) => (
          <li key={`${one.kind} ${one.id}`} className="text">
            {keptText(one)}
          </li>
        ))}
      </ul>
      {differences.length === 0 ? null : (
        <fieldset className="stack differences">
          <legend>Where they differ the vault keeps its own. Tick what is to be as in the backup:</legend>
          {differences.map((one) => (
            <Check
              key={one.id}
              label={differenceText(one)}
              about={`Here: ${valueText(one.here)}. In the backup: ${valueText(one.there)}.`}
              checked={take.includes(one.id)}
              onChange={(isTaken) =>
                setTake(isTaken ? [...take, one.id] : take.filter((other) => other !== one.id))
              }
            />
          ))}
        </fieldset>
      )}
      {notes.map((note) => (
        <Note key={note} tone="warn">
          {errorText({ message: note })}
        </Note>
      ))}
      {passedOver.length === 0 ? null : (
        <p className="small soft text">
          Not looked at:{' '}
          {passedOver.map(({ name, why }) => `${escaped(name)} (${errorText({ message: why })})`).join('; ')}
        </p>
      )}
      <ErrorNote error={error} />
      {busy ? <WorkBar work="merge" label="The backup is being brought in" /> : null}
      <div className="actions end">
        <Button busy={busy} onPress={onClose}>
          Leave the vault as it is
        </Button>
        <Button look="main" busy={busy} onPress={merge}>
          {busy ? 'Bringing it in…' : 'Bring it in'}
        </Button>
      </div>
    </div>
  );
}
