import { countText } from '../../../shared/measures.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { FileName } from '../../components/inline-text.tsx';
import { ErrorNote, Note } from '../../components/note.tsx';
import { WorkBar } from '../../components/work-bar.tsx';
import { useAction } from '../../data/query.ts';
import { errorText } from '../../text/errors.ts';
import { escaped } from '../../text/file-names.ts';
import { clockTime, day } from '../../text/format.ts';
import { changeText, keptText } from '../../text/merge.ts';
import type { Restored } from './restore-form.tsx';

/** What is back, and what is not; the folder that it came from is proposed for the backups to come. */
export function RestoreDone({ of, onOpen }: { readonly of: Restored; readonly onOpen: () => void }) {
  const { created, keys, files, passedOver, united, folder, goesOn, folders } = of;
  const { busy, error, run } = useAction();
  const use = () =>
    run(async () => {
      await ask('backup.addFolder', { folder: folder.id });
      onOpen();
    });
  const told = united.filter(({ changes, kept }) => changes.length + kept.length > 0);
  return (
    <>
      <p className="text">
        It is the vault as it was on {day(created)} at {clockTime(created)}, with {countText(keys, 'key')}; it
        knows of {countText(files, 'encrypted file')}. What was changed after that is not in it.
      </p>
      {told.length === 0 ? null : (
        <Note>
          Other backups beside it know of what was taken away since, and that holds here too:
          <ul className="bullets" aria-label="What other backups took away">
            {told.flatMap(({ name, changes, kept }) => [
              ...changes.map((change) => (
                <li key={`${name} ${change.kind} ${change.id} ${change.what ?? ''}`} className="text">
                  {changeText(change)}
                </li>
              )),
              ...kept.map((one) => (
                <li key={`${name} ${one.kind} ${one.id}`} className="text">
                  {keptText(one)}
                </li>
              )),
            ])}
          </ul>
        </Note>
      )}
      {passedOver.length === 0 ? null : (
        <Note tone="warn">
          Newer backups in the folder were not used:
          <ul className="bullets">
            {passedOver.map(({ name, why }) => (
              <li key={name} className="text">
                <bdi>{escaped(name)}</bdi>: {errorText({ message: why })}
              </li>
            ))}
          </ul>
        </Note>
      )}
      <p className="text">
        {folders.length === 0
          ? null
          : `Backups go on by themselves, as far as the folder is there: ${escaped(folders.join(', '))}. `}
        {goesOn || folders.length > 0 ? null : 'This vault has no folder for backups yet. '}
        <FileName name={folder.name} />, where this one came from,{' '}
        {goesOn ? 'goes on getting backups' : 'can get them from now on'}; what is there stays.
      </p>
      <ErrorNote error={error} />
      {busy ? <WorkBar work="backup" label="The first backup is being written" /> : null}
      <Button look="main wide" busy={busy} onPress={use}>
        {busy ? 'Writing the first backup…' : 'Back up there, and open the vault'}
      </Button>
      <div className="actions">
        <Button look="plain" busy={busy} onPress={onOpen}>
          {goesOn ? 'Open it without one now' : 'Open it without backups'}
        </Button>
      </div>
      <p className="small soft">If the old computer turns up again, don’t go on working in both.</p>
    </>
  );
}
