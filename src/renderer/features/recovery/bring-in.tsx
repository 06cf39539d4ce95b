import { useState } from 'react';
import type { PageMerge, RestoreSource } from '../../../shared/bridge.ts';
import { countText } from '../../../shared/measures.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorNote, Note } from '../../components/note.tsx';
import { useAction } from '../../data/query.ts';
import { useView } from '../../data/view.ts';
import { Compare } from './compare.tsx';
import { MergePlan } from './merge-plan.tsx';

/** A backup is brought into the open vault: which one, in what it differs, and a yes. */
export function BringIn() {
  const [source, setSource] = useState<RestoreSource>();
  const [plan, setPlan] = useState<PageMerge>();
  const [said, setSaid] = useState<string>();
  const { busy, error, run } = useAction();
  const keysChanged = useView((view) => view.keysChanged);
  const choose = () =>
    run(async () => {
      setSaid(undefined);
      const { source: chosen } = await ask('restore.choose', {});
      if (chosen !== null) setSource(chosen);
    });
  const close = () => {
    setSource(undefined);
    setPlan(undefined);
    void ask('backup.leaveMerge', {});
  };
  const done = (taken: number) => {
    close();
    setSaid(
      taken === 0
        ? 'The backup was brought in. Where the two differed, the vault kept what it had.'
        : `The backup was brought in, with ${countText(taken, 'difference')} as the backup had it.`,
    );
    keysChanged();
  };
  const usable = source?.backups.some(({ state }) => state === 'whole') === true;
  return (
    <section>
      <h2>Bring in another backup</h2>
      <p className="soft">
        When you have worked on two computers, or after an older copy was put back: keys and files that a
        backup of this vault knows are added to it. What was switched off, taken back or destroyed in either
        stays so.
      </p>
      <ErrorNote error={error} />
      {said === undefined ? null : <Note tone="good">{said}</Note>}
      <div className="actions">
        <Button busy={busy} onPress={choose}>
          {busy ? 'Reading what is in it…' : 'Choose the folder that it is in…'}
        </Button>
      </div>
      {source === undefined ? null : (
        <Dialog title={plan === undefined ? 'Which backup?' : 'What it would bring'} onClose={close} broad>
          {plan !== undefined ? (
            <MergePlan plan={plan} onDone={done} onClose={close} />
          ) : usable ? (
            <Compare source={source} onPlan={setPlan} onClose={close} />
          ) : (
            <>
              <Note tone="warn">There is no backup in this folder that can be used.</Note>
              <div className="actions end">
                <Button onPress={close}>Close</Button>
              </div>
            </>
          )}
        </Dialog>
      )}
    </section>
  );
}
