import { useId, useRef, useState } from 'react';
import type { PageMerge, RestoreSource } from '../../../shared/bridge.ts';
import { ask, takeSecret } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Check } from '../../components/check.tsx';
import { useHoldOpen } from '../../components/dialog.tsx';
import { FileName } from '../../components/inline-text.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { PhraseField } from '../../components/phrase-field.tsx';
import { WorkBar } from '../../components/work-bar.tsx';
import { useAction } from '../../data/query.ts';
import { clockTime, day } from '../../text/format.ts';

type Props = {
  readonly source: RestoreSource;
  readonly onPlan: (plan: PageMerge) => void;
  readonly onClose: () => void;
};

const NEWEST = '';

/** Which backup of a folder, and the phrase that opens it. */
export function Compare({ source: { folder, backups }, onPlan, onClose }: Props) {
  const id = useId();
  const [from, setFrom] = useState(NEWEST);
  const [former, setFormer] = useState(false);
  const phrase = useRef<HTMLTextAreaElement>(null);
  const { busy, error, run } = useAction();
  useHoldOpen(busy);
  const isFormer = error?.details['former'] === true;
  const compare = async () => {
    const typed = phrase.current;
    if (typed === null) return;
    const kept = typed.value;
    const words = takeSecret(typed);
    const done = await run(async () => {
      const handle = from === NEWEST ? folder.id : from;
      onPlan(await ask('backup.compare', { from: handle, phrase: words, formerPhrase: former }));
    });
    words.fill(0);
    if (done) return;
    typed.value = kept;
    typed.focus();
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) compare();
      }}
    >
      <div className="field">
        <label htmlFor={id}>
          From <FileName name={folder.name} />
        </label>
        <select id={id} className="select" value={from} onChange={(event) => setFrom(event.target.value)}>
          <option value={NEWEST}>The newest that the vault has not seen</option>
          {backups
            .filter(({ state }) => state === 'whole')
            .map(({ file, created = '' }) => (
              <option key={file.id} value={file.id}>
                {`${day(created)}, ${clockTime(created)}`}
              </option>
            ))}
        </select>
      </div>
      <PhraseField field={phrase} focus />
      {isFormer || former ? (
        <Check
          label="Nobody else ever had this phrase"
          about="It was replaced since. Whoever else knows it could have made this backup."
          checked={former}
          onChange={setFormer}
        />
      ) : null}
      <ErrorNote error={error} />
      {busy ? <WorkBar work="merge" label="The backup is being compared with the vault" /> : null}
      <div className="actions end">
        <Button busy={busy} onPress={onClose}>
          Cancel
        </Button>
        <Button submit look="main" busy={busy}>
          {busy ? 'Comparing…' : 'See what it would bring'}
        </Button>
      </div>
    </form>
  );
}
