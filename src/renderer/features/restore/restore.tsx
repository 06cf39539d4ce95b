import { useState } from 'react';
import type { RestoreSource } from '../../../shared/bridge.ts';
import { EntryPage } from '../../components/entry-page.tsx';
import { loadStatus } from '../../data/status.ts';
import { ChooseSource } from './choose-source.tsx';
import { RestoreDone } from './restore-done.tsx';
import { type Restored, RestoreForm } from './restore-form.tsx';

type Props = {
  readonly home: string;
  /** What the user said to have. */
  readonly has: 'phrase' | 'folder';
  readonly onBack: () => void;
};

/** A vault comes back: the folder with its backups, the phrase and a new passphrase, and what came of it. */
export function Restore({ home, has, onBack }: Props) {
  const [source, setSource] = useState<RestoreSource>();
  const [going, setGoing] = useState(false);
  const [restored, setRestored] = useState<Restored>();
  if (restored !== undefined) {
    return (
      <EntryPage title="Your vault is back" corner="Restored">
        <RestoreDone of={restored} onOpen={loadStatus} />
      </EntryPage>
    );
  }
  if (source !== undefined && going) {
    return (
      <EntryPage title="Bring the vault back" corner="No vault yet">
        <RestoreForm source={source} home={home} onBack={() => setGoing(false)} onRestored={setRestored} />
      </EntryPage>
    );
  }
  return (
    <EntryPage
      title={has === 'phrase' ? 'Where is your backup?' : 'Where is it?'}
      corner="No vault yet"
      broad
    >
      <ChooseSource
        home={home}
        has={has}
        source={source}
        onChosen={setSource}
        onBack={onBack}
        onNext={() => setGoing(true)}
      />
    </EntryPage>
  );
}
