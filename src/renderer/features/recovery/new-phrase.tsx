import { useEffect, useState } from 'react';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { forgetWords, keepWords } from '../../data/kept-words.ts';
import { useAction } from '../../data/query.ts';
import { ConfirmPhrase } from '../setup/confirm-phrase.tsx';
import { ShowPhrase } from '../setup/show-phrase.tsx';

type Props = {
  /** What is said before the words are made. */
  readonly about: React.ReactNode;
  readonly does: string;
  readonly leaves: string;
  readonly onLeave: () => void;
  /** The words stand on paper; they open nothing yet. */
  readonly onConfirmed: () => void;
};

/** Makes a new recovery phrase, shows it once, and asks for three of its words. */
export function NewPhrase({ about, does, leaves, onLeave, onConfirmed }: Props) {
  const [step, setStep] = useState<'about' | 'show' | 'confirm'>('about');
  const { busy, error, run } = useAction();
  useEffect(() => forgetWords, []);
  const make = () =>
    run(async () => {
      const { phrase } = await ask('ways.newPhrase', {});
      keepWords(phrase as Uint8Array<ArrayBuffer>);
      setStep('show');
    });
  if (step === 'show') return <ShowPhrase onWritten={() => setStep('confirm')} />;
  if (step === 'confirm') {
    return (
      <ConfirmPhrase
        onBack={() => setStep('show')}
        onConfirmed={() => {
          forgetWords();
          onConfirmed();
        }}
      />
    );
  }
  return (
    <>
      {about}
      <ErrorNote error={error} />
      <div className="actions">
        <Button look="main" busy={busy} onPress={make}>
          {does}
        </Button>
        <Button look="plain" onPress={onLeave}>
          {leaves}
        </Button>
      </div>
    </>
  );
}
