import { backupTrouble } from '../../../messages/backup-trouble.ts';
import type { FoundBackup, RestoreSource } from '../../../shared/bridge.ts';
import { countText, sizeText } from '../../../shared/measures.ts';
import { ask } from '../../bridge.ts';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { FileName, Mono } from '../../components/inline-text.tsx';
import { ErrorNote, Note } from '../../components/note.tsx';
import { useAction } from '../../data/query.ts';
import { escaped } from '../../text/file-names.ts';
import { clockTime, day, short } from '../../text/format.ts';

type Props = {
  readonly home: string;
  readonly has: 'phrase' | 'folder';
  readonly source: RestoreSource | undefined;
  readonly onChosen: (source: RestoreSource) => void;
  readonly onBack: () => void;
  readonly onNext: () => void;
};

/** Asks for the folder, and shows which backups are in it. */
export function ChooseSource({ home, has, source: chosen, onChosen, onBack, onNext }: Props) {
  const { busy, error, run } = useAction();
  // Of the folder before nothing is said beside what is wrong with this one.
  const source = error === undefined ? chosen : undefined;
  const choose = () =>
    run(async () => {
      const { source: next } = await ask('restore.choose', {});
      if (next !== null) onChosen(next);
    });
  const usable = source?.backups.some(({ state }) => state === 'whole') === true;
  return (
    <>
      <p>
        {has === 'phrase'
          ? 'Phrase or shares open a backup; alone they hold none of your keys. Choose the folder that the backup is in: on a stick, another disk, or a synced folder.'
          : 'Choose the folder. Nothing in it is changed.'}
      </p>
      {source === undefined ? null : <Found of={source} home={home} />}
      <ErrorNote error={error} />
      <div className="actions">
        {usable ? (
          <Button look="main" onPress={onNext}>
            Continue with this folder
          </Button>
        ) : null}
        <Button {...(usable ? {} : { look: 'main' as const })} busy={busy} onPress={choose}>
          {busy
            ? 'Reading what is in it…'
            : chosen === undefined
              ? 'Choose the folder…'
              : 'Choose another folder…'}
        </Button>
        <Button look="plain" onPress={onBack}>
          Back
        </Button>
      </div>
    </>
  );
}

function Found({
  of: { folder, isVault, backups },
  home,
}: {
  readonly of: RestoreSource;
  readonly home: string;
}) {
  return (
    <div className="stack">
      {isVault ? <VaultFolder path={`${folder.folder}/${folder.name}`} home={home} /> : null}
      {backups.length > 0 ? (
        <>
          <h2>
            {countText(backups.length, 'backup')} in <FileName name={folder.name} />
          </h2>
          <ul className="backups" aria-label="Backups">
            {backups.map((backup) => (
              <Backup key={backup.file.id} of={backup} among={backups} />
            ))}
          </ul>
        </>
      ) : isVault ? null : (
        <Note tone="warn">
          There is no backup in <FileName name={folder.name} />. Backups are pairs of files that end in .age
          and .json; choose the folder that they lie in.
        </Note>
      )}
    </div>
  );
}

function Backup({
  of: { file, state, why, created, device, vault, keys, bytes },
  among,
}: {
  readonly of: FoundBackup;
  readonly among: readonly FoundBackup[];
}) {
  return (
    <li>
      <span>{created === undefined ? escaped(file.name) : `${day(created)}, ${clockTime(created)}`}</span>
      <Badge tone={state === 'whole' ? 'good' : 'bad'} word={state === 'whole' ? 'Intact' : 'Damaged'} />
      <span className="small soft text">
        {state === 'whole'
          ? [
              ...(keys === undefined ? [] : [countText(keys, 'key')]),
              ...(bytes === undefined ? [] : [sizeText(bytes)]),
              ...(vault === undefined || isOne(among, 'vault') ? [] : [`vault ${short(vault)}`]),
              ...(device === undefined || isOne(among, 'device') ? [] : [`made by device ${short(device)}`]),
            ].join(' · ')
          : `It can’t be used: ${escaped(backupTrouble(why))}.`}
      </span>
    </li>
  );
}

/** Whether all of them are of the same one, so that it need not be told which. */
function isOne(backups: readonly FoundBackup[], what: 'vault' | 'device'): boolean {
  return new Set(backups.flatMap(({ [what]: id }) => id ?? [])).size <= 1;
}

/** What to do with a folder that is a vault itself. */
function VaultFolder({ path, home }: { readonly path: string; readonly home: string }) {
  return (
    <Note>
      <p>This folder is a vault itself, not a backup. It opens with its own passphrase or phrase:</p>
      <ul className="bullets">
        <li>
          To use it on this computer, quit Keyward, copy vault.db and vault.keys from it into{' '}
          <Mono>{home}</Mono>, and start Keyward again.
        </li>
        <li>
          To open it where it is, start Keyward with the environment variable KEYWARD_HOME set to{' '}
          <Mono>{path}</Mono>.
        </li>
      </ul>
      <p>Go on in one of them only: two that both change can’t be brought together.</p>
    </Note>
  );
}
