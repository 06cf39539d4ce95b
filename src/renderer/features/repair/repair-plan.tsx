import { useState } from 'react';
import type { PagePlan } from '../../../shared/bridge.ts';
import { countText } from '../../../shared/measures.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { ErrorNote, Note } from '../../components/note.tsx';
import { WorkBar } from '../../components/work-bar.tsx';
import { useAction } from '../../data/query.ts';
import { errorText } from '../../text/errors.ts';
import { escaped } from '../../text/file-names.ts';
import { clockTime, day } from '../../text/format.ts';
import { planText, type RepairItem } from '../../text/repair.ts';

type Props = {
  readonly plan: PagePlan;
  readonly onDone: (aside: readonly string[]) => void;
  readonly onLeave: () => void;
};

/** What a repair would do, in words, and the question whether to do it. */
export function RepairPlan({ plan, onDone, onLeave }: Props) {
  const [asking, setAsking] = useState(false);
  const { busy, error, run } = useAction();
  const { lost, changed, whole } = planText(plan);
  const { log, backup } = plan;
  const apply = () => {
    setAsking(false);
    return run(async () => onDone((await ask('repair.apply', {})).aside));
  };
  return (
    <div className="stack">
      {plan.steps.length === 0 ? <p className="text">{errorText({ message: plan.damage })}</p> : null}
      <PlanItems title="What is lost" items={lost} />
      <PlanItems title="What is not as it was" items={changed} />
      <section>
        <h2>What comes back as it was</h2>
        <ul className="bullets">
          {whole.map((line) => (
            <li key={line}>{line}</li>
          ))}
          <li>Everything else, from the vault itself</li>
        </ul>
      </section>
      <section>
        <h2>Then</h2>
        <ul className="bullets">
          <li>
            The vault has {countText(plan.keys, 'key')} and knows of {countText(plan.files, 'encrypted file')}
            .
          </li>
          <li>{log.message}</li>
          <li>
            {backup === undefined
              ? 'No backup was looked at.'
              : `It was compared with the backup of ${day(backup.created)}, ${clockTime(backup.created)} (${escaped(backup.name)}).`}
          </li>
          {plan.notes.map((note) => (
            <li key={note} className="text">
              {errorText({ message: note })}
            </li>
          ))}
        </ul>
      </section>
      <Note>
        The damaged files stay beside the vault under another name. None of your encrypted files is touched.
      </Note>
      <ErrorNote error={error} />
      {busy ? <WorkBar work="repair" label="The vault is being repaired" /> : null}
      <div className="actions">
        <Button look="main" busy={busy} onPress={() => setAsking(true)}>
          {busy ? 'Repairing…' : 'Repair it like this…'}
        </Button>
        <Button look="plain" busy={busy} onPress={onLeave}>
          Leave it as it is
        </Button>
      </div>
      {asking ? (
        <Confirm
          title="Repair the vault like this?"
          does="Repair it"
          leaves="Not yet"
          look="main"
          onDo={apply}
          onClose={() => setAsking(false)}
        >
          <p>
            A new vault is made of all that holds, looked at whole, and takes the place of the damaged one.
            Whatever goes wrong before that leaves everything as it is now.
          </p>
          {lost.length === 0 ? null : (
            <p>
              {countText(lost.length, 'key')} can’t be brought back whole. If you have an older backup, you
              may want to look there first.
            </p>
          )}
        </Confirm>
      ) : null}
    </div>
  );
}

/** Things of which something is to be told, each with its sentences. */
export function PlanItems({
  title,
  items,
}: {
  readonly title: string;
  readonly items: readonly RepairItem[];
}) {
  if (items.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <ul className="plan" aria-label={title}>
        {items.map(({ id, title: name, lines }) => (
          <li key={id}>
            <strong className="text">{name}</strong>
            {lines.map((line) => (
              <p key={line} className="text">
                {line}
              </p>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
