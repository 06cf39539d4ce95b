import { useState } from 'react';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { FileName } from '../../components/inline-text.tsx';
import { ErrorNote, Note } from '../../components/note.tsx';
import { useAction } from '../../data/query.ts';

/** Asks where backups go; that can be put off, and then stays in sight. */
export function ChooseBackupFolder({ onDone }: { readonly onDone: () => void }) {
  const [on, setOn] = useState<string>();
  const { busy, error, run } = useAction();
  const choose = () =>
    run(async () => {
      const { made } = await ask('backup.addFolder', {});
      if (made !== null) setOn(made.folder.name);
    });
  if (on !== undefined) {
    return (
      <>
        <Note tone="good">
          The first backup is on <FileName name={on} />, and was read back. Further ones are made by
          themselves.
        </Note>
        <Button look="main wide" onPress={onDone}>
          Open the vault
        </Button>
      </>
    );
  }
  return (
    <>
      <p>
        If this computer is lost, the phrase alone brings nothing back: it opens a backup. Choose a folder
        that is not on this disk, such as a stick, another disk or a synced folder.
      </p>
      <p className="soft">
        Backups are made by themselves, after each change of keys and once a day. Whoever finds one can’t open
        it without your phrase.
      </p>
      <ErrorNote error={error} />
      <Button look="main wide" busy={busy} onPress={choose}>
        {busy ? 'Writing the first backup…' : 'Choose a folder…'}
      </Button>
      <div className="actions">
        <Button look="plain" busy={busy} onPress={onDone}>
          Not now
        </Button>
      </div>
    </>
  );
}
