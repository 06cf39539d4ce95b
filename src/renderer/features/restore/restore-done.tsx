import { countText } from '../../../shared/measures.ts';
import { Button } from '../../components/button.tsx';
import { Note } from '../../components/note.tsx';
import { errorText } from '../../text/errors.ts';
import { escaped } from '../../text/file-names.ts';
import { clockTime, day } from '../../text/format.ts';
import type { Restored } from './restore-form.tsx';

/** What is back, and what is not. */
export function RestoreDone({ of, onOpen }: { readonly of: Restored; readonly onOpen: () => void }) {
  const { created, keys, files, passedOver } = of;
  return (
    <>
      <p className="text">
        It is the vault as it was on {day(created)} at {clockTime(created)}, with {countText(keys, 'key')}; it
        knows of {countText(files, 'encrypted file')}. What was changed after that is not in it.
      </p>
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
      <p className="soft">
        If the old computer turns up again, don’t go on working in both. This one has no folder for backups
        yet.
      </p>
      <Button look="main wide" onPress={onOpen}>
        Open the vault
      </Button>
    </>
  );
}
