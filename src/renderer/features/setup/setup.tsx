import { useState } from 'react';
import { EntryPage } from '../../components/entry-page.tsx';
import { forgetWords, keepWords } from '../../data/kept-words.ts';
import { loadStatus } from '../../data/status.ts';
import { Restore } from '../restore/restore.tsx';
import { ChooseBackupFolder } from './choose-backup-folder.tsx';
import { ChooseUnlocking } from './choose-unlocking.tsx';
import { ConfirmPhrase } from './confirm-phrase.tsx';
import { type Door, FirstPage } from './first-page.tsx';
import { ShowPhrase } from './show-phrase.tsx';

/** No vault yet: a new one is made, or one comes back from a backup. */
export function Setup({ home }: { readonly home: string }) {
  const [door, setDoor] = useState<Door>();
  if (door === undefined) {
    return (
      <EntryPage title="How do you begin?" corner="No vault yet">
        <FirstPage onChoose={setDoor} />
      </EntryPage>
    );
  }
  const back = () => setDoor(undefined);
  if (door === 'new') return <NewVault home={home} onBack={back} />;
  return <Restore home={home} has={door} onBack={back} />;
}

type Props = { readonly home: string; readonly onBack: () => void };

/** How to unlock, then the recovery phrase, shown and confirmed, then where backups go. */
function NewVault({ home, onBack }: Props) {
  const [step, setStep] = useState<'unlocking' | 'show' | 'confirm' | 'backups'>('unlocking');
  switch (step) {
    case 'unlocking':
      return (
        <EntryPage title="Make your vault" corner="No vault yet">
          <ChooseUnlocking
            home={home}
            onBack={onBack}
            onMade={(phrase) => {
              keepWords(phrase);
              setStep('show');
            }}
          />
        </EntryPage>
      );
    case 'show':
      return (
        <EntryPage title="Your recovery phrase" corner="New vault" broad>
          <ShowPhrase onWritten={() => setStep('confirm')} />
        </EntryPage>
      );
    case 'confirm':
      return (
        <EntryPage title="Three of your words" corner="New vault">
          <ConfirmPhrase
            onBack={() => setStep('show')}
            onConfirmed={() => {
              forgetWords();
              setStep('backups');
            }}
          />
        </EntryPage>
      );
    case 'backups':
      return (
        <EntryPage title="Where should backups go?" corner="New vault">
          <ChooseBackupFolder onDone={loadStatus} />
        </EntryPage>
      );
  }
}
