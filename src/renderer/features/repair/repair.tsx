import { useState } from 'react';
import type { PagePlan, WindowStatus } from '../../../shared/bridge.ts';
import { Button } from '../../components/button.tsx';
import { EntryPage } from '../../components/entry-page.tsx';
import { Note } from '../../components/note.tsx';
import { RepairDone } from './repair-done.tsx';
import { RepairPlan } from './repair-plan.tsx';
import { RepairWho } from './repair-who.tsx';

type Props = {
  readonly status: WindowStatus;
  /** Leaves the vault as it is. */
  readonly onLeave: () => void;
};

/** A damaged vault is made whole: who asks for it, what would be done, a deliberate yes, and what came of it. */
export function Repair({ status, onLeave }: Props) {
  const [plan, setPlan] = useState<PagePlan | null>();
  const [aside, setAside] = useState<readonly string[]>();
  if (plan === undefined) {
    return (
      <EntryPage title="Repair your vault" corner="Damaged">
        <RepairWho status={status} onPlan={setPlan} onLeave={onLeave} />
      </EntryPage>
    );
  }
  if (plan === null) {
    return (
      <EntryPage title="There is nothing to repair" corner="Locked">
        <Note tone="good">Every part of the vault was looked at, and holds.</Note>
        <div className="actions">
          <Button look="main" onPress={onLeave}>
            Unlock it
          </Button>
        </div>
      </EntryPage>
    );
  }
  if (aside !== undefined) {
    return (
      <EntryPage title="Your vault is whole again" corner="Repaired" broad>
        <RepairDone plan={plan} aside={aside} onOpen={onLeave} />
      </EntryPage>
    );
  }
  return (
    <EntryPage title="What a repair would do" corner="Damaged" broad>
      <RepairPlan plan={plan} onDone={setAside} onLeave={onLeave} />
    </EntryPage>
  );
}
