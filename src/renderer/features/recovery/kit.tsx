import { useRef, useState } from 'react';
import { ask, takeSecret } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { DialogForm } from '../../components/dialog-form.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { Options } from '../../components/options.tsx';
import { PhraseField } from '../../components/phrase-field.tsx';
import { useAction } from '../../data/query.ts';
import { PaperActions } from './paper.tsx';

/** The recovery kit: one page to print, for the day on which the vault must come back. */
export function KitSection() {
  const [asking, setAsking] = useState(false);
  return (
    <section aria-labelledby="kit">
      <h2 id="kit">The recovery kit</h2>
      <p className="soft">
        One page to print and put away: the 24 words, a code of them that a camera reads, what they open, and
        what to do, with Keyward and without it.
      </p>
      <div className="actions">
        <Button onPress={() => setAsking(true)}>Make the kit…</Button>
      </div>
      {asking ? <KitDialog onClose={() => setAsking(false)} /> : null}
    </section>
  );
}

const CHOICES = [
  {
    id: 'words',
    title: 'With the words',
    about: 'You type them once more. Whoever has the page can open vault and backups.',
  },
  {
    id: 'lines',
    title: 'With lines to write them on',
    about: 'The printer never sees them. The page holds no secret until you have written on it.',
  },
] as const;

function KitDialog({ onClose }: { readonly onClose: () => void }) {
  const [choice, setChoice] = useState<string>('words');
  const [paper, setPaper] = useState<string>();
  const field = useRef<HTMLTextAreaElement>(null);
  const { busy, error, run } = useAction();
  const isSecret = choice === 'words';
  if (paper !== undefined) return <PrintKit paper={paper} secret={isSecret} onClose={onClose} />;
  const make = async () => {
    const typed = field.current;
    if (isSecret && typed === null) return;
    // For one word that is misspelt nobody should have to type 24 anew.
    const kept = typed?.value ?? '';
    const words = typed === null ? undefined : takeSecret(typed);
    const done = await run(async () =>
      setPaper((await ask('recovery.kit', words === undefined ? {} : { words })).paper),
    );
    words?.fill(0);
    if (done || typed === null) return;
    typed.value = kept;
    typed.focus();
  };
  return (
    <DialogForm title="Make the recovery kit" does="Make it" busy={busy} onSubmit={make} onClose={onClose}>
      <Options name="What stands on it" options={CHOICES} chosen={choice} onChoose={setChoice} />
      {isSecret ? <PhraseField field={field} /> : null}
      <ErrorNote error={error} />
    </DialogForm>
  );
}

/** Makes a kit with new words that are on the screen; `words` reads them there. */
export function KitOfWords({ words }: { readonly words: () => string }) {
  const [paper, setPaper] = useState<string>();
  const { busy, error, run } = useAction();
  const make = () =>
    run(async () => {
      const bytes = new TextEncoder().encode(words());
      try {
        setPaper((await ask('recovery.kit', { words: bytes, isNew: true })).paper);
      } finally {
        bytes.fill(0);
      }
    });
  return (
    <>
      <Button busy={busy} onPress={make}>
        Print them as a recovery kit…
      </Button>
      <ErrorNote error={error} />
      {paper === undefined ? null : <PrintKit paper={paper} secret onClose={() => setPaper(undefined)} />}
    </>
  );
}

type PrintProps = { readonly paper: string; readonly secret: boolean; readonly onClose: () => void };

/** A kit that was made, to be printed. */
function PrintKit({ paper, secret, onClose }: PrintProps) {
  return (
    <Dialog title="The kit is ready" onClose={onClose}>
      <p>
        {secret
          ? 'Print it on paper, and keep that away from this computer and from the backups.'
          : 'Print it, write the 24 words on it by hand, and keep it away from this computer and from the backups.'}
      </p>
      <PaperActions paper={paper} secret={secret} />
      <div className="actions end">
        <Button onPress={onClose}>Done</Button>
      </div>
    </Dialog>
  );
}
