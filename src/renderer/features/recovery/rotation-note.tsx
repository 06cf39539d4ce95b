import type { WindowStatus } from '../../../shared/bridge.ts';
import { countText } from '../../../shared/measures.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Note } from '../../components/note.tsx';
import { loadStatus } from '../../data/status.ts';
import { errorText } from '../../text/errors.ts';
import { escaped } from '../../text/file-names.ts';
import { wayWord } from '../../text/ways.ts';

/** What followed a new root key, until it is said to be read: what could not be reached stands here. */
export function RotationNote({ of: told }: { readonly of: WindowStatus['rotation'] }) {
  if (told === undefined) return null;
  const { revoked, removed, backups, unreached, rotated, unrotated, deleted } = told;
  const read = async () => {
    await ask('ways.readRotation', {});
    await loadStatus();
  };
  return (
    <Note
      tone={unreached.length + unrotated.length === 0 ? 'good' : 'warn'}
      actions={
        <Button look="compact" onPress={() => void read()}>
          I have read this
        </Button>
      }
    >
      <p>
        <strong>
          {revoked === undefined
            ? 'The vault has a new root key.'
            : `The ${wayWord(revoked)} is revoked, and the vault has a new root key.`}
        </strong>{' '}
        It was locked for that; unlock it as ever.
      </p>
      <ul className="bullets">
        {revoked === undefined ? null : (
          <li>{countText(rotated, 'key')} got a new version, for files that you encrypt from now on.</li>
        )}
        {unrotated.map(({ key, why }) => (
          <li key={key} className="text">
            No new version of {escaped(key)}: {errorText({ message: why })}
          </li>
        ))}
        {backups === 0 ? null : <li>{countText(backups, 'new backup')} made.</li>}
        {deleted === 0 ? null : <li>{countText(deleted, 'old backup')} removed where a new one stands.</li>}
        {removed.map(({ kind, why }) => (
          <li key={kind} className="text">
            No longer a way in: the {wayWord(kind)} ({escaped(why)}). Add it anew under Recovery.
          </li>
        ))}
        {unreached.map(({ name, why }) => (
          <li key={name} className="text">
            Not reached: backups in {escaped(name)} ({escaped(why)}). What is there still opens as before;
            back up to it again when it is here, and remove the old ones.
          </li>
        ))}
      </ul>
      {revoked === undefined ? null : (
        <p>
          What leaked still opens copies of the vault and backups made before, and every file that was
          encrypted until now, for whoever has them. Encrypt anew what matters.
        </p>
      )}
    </Note>
  );
}
