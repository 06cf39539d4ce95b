import { useState } from 'react';
import { backupTrouble } from '../../../messages/backup-trouble.ts';
import type { FoundBackup, NamedFolder } from '../../../shared/bridge.ts';
import { countText, sizeText } from '../../../shared/measures.ts';
import { ask } from '../../bridge.ts';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { FileName } from '../../components/inline-text.tsx';
import { ErrorNote, Note } from '../../components/note.tsx';
import { WorkBar } from '../../components/work-bar.tsx';
import { useMutation } from '../../data/mutation.ts';
import { useQuery } from '../../data/query.ts';
import { loadStatus } from '../../data/status.ts';
import { errorText } from '../../text/errors.ts';
import { escaped } from '../../text/file-names.ts';
import { clockTime } from '../../text/format.ts';
import { dayFromToday } from '../../text/recovery.ts';

/** The folders that get backups by themselves. */
export function BackupFolders() {
  const { value, error: unread, again } = useQuery('backup.folders', {});
  const { busy, error, change } = useMutation();
  // One backup after the other: each can be followed and stopped.
  const [isWriting, setWriting] = useState(false);
  const add = () =>
    change('A folder was named for backups, and the first one is in it.', async () => {
      setWriting(true);
      const { made } = await ask('backup.addFolder', {}).finally(() => setWriting(false));
      if (made === null) return false;
      return loadStatus();
    });
  return (
    <section>
      <h2 id="backups">Where backups go</h2>
      <p className="soft">
        A folder on another disk, a stick or a synced folder gets a backup by itself after each change of
        keys, and once a day. A backup opens with the recovery phrase, or with shares where there are some,
        and with nothing else.
      </p>
      <ErrorNote error={unread} actions={<Button onPress={again}>Try again</Button>} />
      {value === undefined ? null : (
        <ul className="folders" aria-label="Folders with backups">
          {value.folders.map((folder) => (
            <Folder key={folder.folder.id} of={folder} isWriting={isWriting} onWriting={setWriting} />
          ))}
        </ul>
      )}
      <ErrorNote error={error} />
      {busy ? <WorkBar work="backup" label="A backup is being written" /> : null}
      <div className="actions">
        <Button look={value?.folders.length === 0 ? 'main' : 'compact'} busy={isWriting} onPress={add}>
          {busy
            ? 'Writing the first backup…'
            : value?.folders.length === 0
              ? 'Choose a folder…'
              : 'Another folder…'}
        </Button>
      </div>
    </section>
  );
}

type FolderProps = {
  readonly of: NamedFolder;
  /** Whether a backup is being written, to this folder or another one. */
  readonly isWriting: boolean;
  readonly onWriting: (isWriting: boolean) => void;
};

function Folder({ of: { folder, state, synced, last, trouble }, isWriting, onWriting }: FolderProps) {
  const { busy, error, change } = useMutation();
  const [writing, setWriting] = useState(false);
  const [checked, setChecked] = useState<readonly FoundBackup[]>();
  const back = () =>
    change(`A backup was made on ${folder.name}.`, async () => {
      setWriting(true);
      onWriting(true);
      await ask('backup.create', { folder: folder.id }).finally(() => {
        setWriting(false);
        onWriting(false);
      });
      setChecked(undefined);
      await loadStatus();
    });
  const check = () =>
    change(`The backups on ${folder.name} were read.`, async () => {
      setChecked((await ask('backup.verify', { folder: folder.id })).backups);
    });
  const remove = () =>
    change(`${folder.name} gets no more backups.`, async () => {
      await ask('backup.removeFolder', { folder: folder.id });
      await loadStatus();
    });
  return (
    <li className="card">
      <header>
        <div className="folder-name">
          <strong>
            <FileName name={folder.name} />
          </strong>
          <p className="small soft text">
            <bdi>{escaped(folder.folder)}</bdi>
          </p>
        </div>
        {state === 'there' ? null : <Badge tone="warn" word="Not there now" />}
      </header>
      <p className="text">
        {last === undefined
          ? 'No backup yet.'
          : `Last backup ${dayFromToday(last.at, new Date())} at ${clockTime(last.at)}, read back.`}
        {state === 'there' ? '' : ' The next one waits until the folder is there again.'}
        {synced ? ' What is in it is copied elsewhere; without the recovery phrase nobody can open it.' : ''}
      </p>
      {trouble === undefined ? null : (
        <Note tone="bad">The last attempt failed: {errorText({ message: trouble })}</Note>
      )}
      <Checked of={checked} />
      <ErrorNote error={error} />
      {writing ? <WorkBar work="backup" label="A backup is being written" /> : null}
      <div className="actions">
        {state === 'there' ? (
          <>
            <Button look="compact" busy={busy || isWriting} onPress={back}>
              {busy ? 'Working…' : 'Back up now'}
              <span className="hidden"> on {folder.name}</span>
            </Button>
            <Button look="compact" busy={busy} onPress={check}>
              Check its backups<span className="hidden"> on {folder.name}</span>
            </Button>
          </>
        ) : null}
        <Button look="plain compact" busy={busy} onPress={remove}>
          Use it no longer<span className="hidden"> ({folder.name})</span>
        </Button>
      </div>
    </li>
  );
}

/** What a check of the backups in a folder found. */
function Checked({ of: backups }: { readonly of: readonly FoundBackup[] | undefined }) {
  if (backups === undefined) return null;
  const damaged = backups.filter(({ state }) => state === 'damaged');
  const bytes = backups.reduce((sum, one) => sum + (one.bytes ?? 0), 0);
  if (damaged.length === 0) {
    return (
      <p>
        <Badge tone="good" word={`${countText(backups.length, 'backup')} intact, ${sizeText(bytes)}`} />
      </p>
    );
  }
  return (
    <Note tone="bad">
      {countText(damaged.length, 'backup')} of {backups.length} can’t be used:
      <ul className="bullets">
        {damaged.map(({ file, why }) => (
          <li key={file.id} className="text">
            <bdi>{escaped(file.name)}</bdi>: {escaped(backupTrouble(why))}
          </li>
        ))}
      </ul>
    </Note>
  );
}
