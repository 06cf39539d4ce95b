import { useState } from 'react';
import { EntryPage } from '../../components/entry-page.tsx';
import { loadStatus } from '../../data/status.ts';
import { ChooseUnlocking } from './choose-unlocking.tsx';
import { ConfirmPhrase } from './confirm-phrase.tsx';
import { ShowPhrase } from './show-phrase.tsx';

/** First run: how to unlock, then the recovery phrase, shown and confirmed. */
export function Setup({ home }: { readonly home: string }) {
  // The words live in this component alone, and only until they are confirmed.
  const [words, setWords] = useState<readonly string[]>();
  const [confirming, setConfirming] = useState(false);
  if (words === undefined) {
    return (
      <EntryPage title="Make your vault" corner="No vault yet">
        <ChooseUnlocking home={home} onMade={(phrase) => setWords(phrase.trim().split(/\s+/))} />
      </EntryPage>
    );
  }
  if (!confirming) {
    return (
      <EntryPage title="Your recovery phrase" corner="New vault" broad>
        <ShowPhrase words={words} onWritten={() => setConfirming(true)} />
      </EntryPage>
    );
  }
  return (
    <EntryPage title="Three of your words" corner="New vault">
      <ConfirmPhrase
        words={words}
        onBack={() => setConfirming(false)}
        onConfirmed={async () => {
          await loadStatus();
          setWords(undefined);
        }}
      />
    </EntryPage>
  );
}
