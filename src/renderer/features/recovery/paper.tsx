import { useEffect, useState } from 'react';
import type { GivenFile } from '../../../shared/bridge.ts';
import type { PaperSize } from '../../../shared/recovery-bridge.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { FileName } from '../../components/inline-text.tsx';
import { ErrorNote, Note } from '../../components/note.tsx';
import { announce } from '../../data/jobs.ts';
import { useAction } from '../../data/query.ts';

type Props = {
  /** The handle of what is to be printed. */
  readonly paper: string;
  /** Whether it opens something by itself. */
  readonly secret: boolean;
  /** Called when it stands on paper or in a file. */
  readonly onKept?: () => void;
};

/** Where people print on Letter, by the language of the system. */
const LETTER = /-(?:US|CA|MX|PH|CL|CO|VE)$/;

/** Prints a paper, saves it as a PDF, shows it. It is forgotten when this leaves the page. */
export function PaperActions({ paper, secret, onKept = () => undefined }: Props) {
  const [size, setSize] = useState<PaperSize>(LETTER.test(navigator.language) ? 'Letter' : 'A4');
  const [became, setBecame] = useState<'printed' | GivenFile>();
  const [refusal, setRefusal] = useState<string>();
  const { busy, error, run } = useAction();
  useEffect(
    () => () => {
      ask('paper.forget', { paper }).catch(() => undefined);
    },
    [paper],
  );
  const kept = (what: 'printed' | GivenFile, said: string) => {
    setBecame(what);
    announce(said);
    onKept();
  };
  const print = () =>
    run(async () => {
      setRefusal(undefined);
      const { printed, why } = await ask('paper.print', { paper, size });
      if (printed) kept('printed', 'It went to the printer.');
      else setRefusal(why);
    });
  const save = () =>
    run(async () => {
      setRefusal(undefined);
      const { file } = await ask('paper.save', { paper, size });
      if (file !== null) kept(file, `${file.name} was saved.`);
    });
  const show = () =>
    run(async () => {
      await ask('paper.show', { paper });
    });
  return (
    <>
      <div className="setting">
        <label htmlFor="paper-size">Paper</label>
        <select
          id="paper-size"
          className="select"
          value={size}
          onChange={(event) => setSize(event.target.value === 'Letter' ? 'Letter' : 'A4')}
        >
          <option value="A4">A4</option>
          <option value="Letter">US Letter</option>
        </select>
      </div>
      <div className="actions">
        <Button look="main" busy={busy} onPress={print}>
          Print…
        </Button>
        <Button busy={busy} onPress={save}>
          Save as PDF…
        </Button>
        <Button busy={busy} onPress={show}>
          Look at it
        </Button>
      </div>
      {refusal === undefined ? null : (
        <Note tone="warn">It was not printed. The system says: {refusal}. Save it as a PDF instead.</Note>
      )}
      <ErrorNote error={error} />
      {became === 'printed' ? (
        <Note>It went to the printer. Look whether all of it can be read before you close this.</Note>
      ) : null}
      {became === undefined || became === 'printed' ? null : (
        <Note tone={secret ? 'warn' : 'plain'}>
          It is in <FileName name={became.name} />.
          {secret ? ' Whoever has that file needs nothing else: print it, then delete it.' : ''}
        </Note>
      )}
    </>
  );
}
