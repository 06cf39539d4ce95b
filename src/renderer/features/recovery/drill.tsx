import { useRef, useState } from 'react';
import type { BridgeOutput, WindowStatus } from '../../../shared/bridge.ts';
import { countText } from '../../../shared/measures.ts';
import { ask, takeSecret } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { DialogForm } from '../../components/dialog-form.tsx';
import { FileName } from '../../components/inline-text.tsx';
import { ErrorNote, Note } from '../../components/note.tsx';
import { PhraseField } from '../../components/phrase-field.tsx';
import { WorkBar } from '../../components/work-bar.tsx';
import { announce } from '../../data/jobs.ts';
import { useAction } from '../../data/query.ts';
import { loadStatus } from '../../data/status.ts';
import { useView } from '../../data/view.ts';
import { clockTime, day } from '../../text/format.ts';
import { dayFromToday } from '../../text/recovery.ts';

type Done = BridgeOutput<'backup.drill'>;

/** Practising the recovery: whether phrase and backup open the files, without touching either. */
export function DrillSection({ status }: { readonly status: WindowStatus }) {
  const [asking, setAsking] = useState(false);
  const { last, drill } = status.backups ?? {};
  return (
    <section aria-labelledby="drill">
      <h2 id="drill">Practise the recovery</h2>
      <p className="soft">
        You type the words from your paper; Keyward brings the newest backup back beside the vault, decrypts a
        file by both and compares. Nothing is changed, and nothing that is decrypted is written.
      </p>
      {drill === undefined ? null : (
        <p>
          Last practised {dayFromToday(drill.at, new Date())}, with the backup of {day(drill.created)}: it
          works.
        </p>
      )}
      {last === undefined ? (
        <p>A backup is needed first.</p>
      ) : (
        <div className="actions">
          <Button onPress={() => setAsking(true)}>Practise the recovery…</Button>
        </div>
      )}
      {asking ? <DrillDialog onClose={() => setAsking(false)} /> : null}
    </section>
  );
}

function DrillDialog({ onClose }: { readonly onClose: () => void }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [done, setDone] = useState<Done>();
  const { busy, error, run } = useAction();
  const refresh = useView((view) => view.refresh);
  if (done !== undefined) return <DrillDone of={done} onClose={onClose} />;
  const practise = async () => {
    const typed = field.current;
    if (typed === null) return;
    // For one word that is misspelt nobody should have to type 24 anew.
    const kept = typed.value;
    const phrase = takeSecret(typed);
    const went = await run(async () => {
      const result = await ask('backup.drill', { phrase });
      await loadStatus();
      refresh();
      announce('The recovery works.');
      setDone(result);
    });
    phrase.fill(0);
    if (went) return;
    typed.value = kept;
    typed.focus();
  };
  return (
    <DialogForm title="Practise the recovery" does="Begin" busy={busy} onSubmit={practise} onClose={onClose}>
      <PhraseField field={field} focus />
      <ErrorNote error={error} />
      {busy ? <WorkBar work="drill" label="The recovery is being practised" /> : null}
    </DialogForm>
  );
}

function DrillDone({
  of: { created, keys, files },
  onClose,
}: {
  readonly of: Done;
  readonly onClose: () => void;
}) {
  return (
    <Dialog title="Your recovery works" onClose={onClose}>
      <p>
        The backup of {day(created)}, {clockTime(created)}, opened with your words: {countText(keys, 'key')}.
      </p>
      {files.length === 0 ? (
        <Note>
          No file that the vault knows is there now, so none was compared. Encrypt one and practise again.
        </Note>
      ) : (
        files.map((name) => (
          <p key={name}>
            <FileName name={name} /> decrypts to the same by the backup and by the vault.
          </p>
        ))
      )}
      <div className="actions end">
        <Button look="main" onPress={onClose}>
          Done
        </Button>
      </div>
    </Dialog>
  );
}
