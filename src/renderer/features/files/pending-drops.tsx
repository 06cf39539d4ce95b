import { useEffect, useState } from 'react';
import type { GivenFile } from '../../../shared/bridge.ts';
import { asKeywardError, type KeywardError } from '../../../shared/errors.ts';
import { countText } from '../../../shared/measures.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { dropHint } from '../../data/drop-hint.ts';
import { setPendingDrops, startJob, usePendingDrops } from '../../data/jobs.ts';
import { useKeys } from '../../data/keys.tsx';
import { useView } from '../../data/view.ts';
import { escaped } from '../../text/file-names.ts';

/**
 * Turns what was dropped or chosen into jobs: files are encrypted, encrypted ones decrypted, and of folders
 * the user is asked.
 */
export function PendingDrops() {
  const { files, unnamed } = usePendingDrops();
  const { list, settings, current, nameOf } = useKeys();
  const go = useView((view) => view.go);
  const [error, setError] = useState<KeywardError>();
  const key = current?.keyId;
  const name = nameOf(key ?? null);
  useEffect(() => dropHint.set(name), [name]);
  useEffect(() => {
    const ready = files.filter(({ kind }) => kind === 'file' || kind === 'encrypted');
    // Without a key of its own a job takes the default key, which the vault may have yet to make.
    if (ready.length === 0 || list === undefined || settings === undefined) return;
    setPendingDrops(
      files.filter((file) => !ready.includes(file)),
      unnamed,
    );
    go('files');
    const plain = ready.filter(({ kind }) => kind === 'file');
    const encrypted = ready.filter(({ kind }) => kind === 'encrypted');
    Promise.all([startJob('encrypt', plain, { key }), startJob('decrypt', encrypted)]).catch(
      (thrown: unknown) => setError(asKeywardError(thrown)),
    );
  }, [files, unnamed, key, list, settings, go]);

  const close = () => {
    setError(undefined);
    setPendingDrops([]);
  };
  const folders = files.filter(({ kind }) => kind === 'folder');
  const useless = files.filter(({ kind }) => kind === 'other' || kind === 'missing');
  if (folders.length > 0) {
    const start = (kind: 'encrypt' | 'decrypt') => {
      setPendingDrops(useless, unnamed);
      go('files');
      startJob(kind, folders, kind === 'encrypt' ? { key } : {}).catch((thrown: unknown) =>
        setError(asKeywardError(thrown)),
      );
    };
    return <AboutFolders folders={folders} name={name} onStart={start} onClose={close} />;
  }
  if (useless.length > 0 || unnamed > 0 || error !== undefined) {
    return <Useless files={useless} unnamed={unnamed} error={error} onClose={close} />;
  }
  return null;
}

type AboutProps = {
  readonly folders: readonly GivenFile[];
  readonly name: string;
  readonly onStart: (kind: 'encrypt' | 'decrypt') => void;
  readonly onClose: () => void;
};

function AboutFolders({ folders, name, onStart, onClose }: AboutProps) {
  const one = folders.length === 1;
  return (
    <Dialog
      title={one ? escaped(folders[0]?.name ?? '') : countText(folders.length, 'folder')}
      onClose={onClose}
    >
      <p>
        {one ? 'This is a folder.' : 'These are folders.'} Each file in {one ? 'it' : 'them'} is handled by
        itself: an encrypted copy under {name} beside every file, or a decrypted copy beside every encrypted
        file. The originals stay.
      </p>
      <div className="actions end">
        <Button look="plain" onPress={onClose}>
          Cancel
        </Button>
        <Button onPress={() => onStart('decrypt')}>Decrypt its encrypted files</Button>
        <Button look="main" onPress={() => onStart('encrypt')}>
          Encrypt each file
        </Button>
      </div>
    </Dialog>
  );
}

type UselessProps = {
  readonly files: readonly GivenFile[];
  readonly unnamed: number;
  readonly error: KeywardError | undefined;
  readonly onClose: () => void;
};

function Useless({ files, unnamed, error, onClose }: UselessProps) {
  return (
    <Dialog
      title={error === undefined ? 'Not everything could be taken' : 'It could not begin'}
      onClose={onClose}
    >
      <ErrorNote error={error} />
      {files.slice(0, 5).map(({ id, name, kind }) => (
        <p key={id}>
          <bdi>{escaped(name)}</bdi>{' '}
          {kind === 'missing' ? 'is no longer there.' : 'is neither a file nor a folder.'}
        </p>
      ))}
      {files.length > 5 ? <p>And {files.length - 5} more.</p> : null}
      {unnamed > 0 ? (
        <p>
          {countText(unnamed, 'item')} came without a place on this computer, such as an attachment dragged
          out of a mail. Save {unnamed === 1 ? 'it' : 'them'} to a folder first, then drop{' '}
          {unnamed === 1 ? 'it' : 'them'} here.
        </p>
      ) : null}
      <div className="actions end">
        <Button look="main" onPress={onClose}>
          Close
        </Button>
      </div>
    </Dialog>
  );
}
