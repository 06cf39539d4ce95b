import type { PagePlan } from '../../../shared/bridge.ts';
import { countText } from '../../../shared/measures.ts';
import { Button } from '../../components/button.tsx';
import { Note } from '../../components/note.tsx';
import { escaped } from '../../text/file-names.ts';
import { planText } from '../../text/repair.ts';
import { PlanItems } from './repair-plan.tsx';

type Props = {
  readonly plan: PagePlan;
  /** Names of the damaged files. */
  readonly aside: readonly string[];
  readonly onOpen: () => void;
};

/** What a repair came to, and what to look at now. */
export function RepairDone({ plan, aside, onOpen }: Props) {
  const { lost, changed } = planText(plan);
  return (
    <div className="stack">
      <Note tone="good">
        It was made, looked at whole, and opens as ever: {countText(plan.keys, 'key')},{' '}
        {countText(plan.files, 'encrypted file')} known.
      </Note>
      <PlanItems title="What is lost" items={lost} />
      <PlanItems title="To look at once it is open" items={changed} />
      <p className="text">
        The damaged files are still in the vault’s folder
        {aside.length === 0 ? '' : `: ${aside.map(escaped).join(', ')}`}. Keep them until you have seen that
        nothing is missing.
      </p>
      <div className="actions">
        <Button look="main" onPress={onOpen}>
          Unlock the vault
        </Button>
      </div>
    </div>
  );
}
