import { useState } from 'react';
import type { KeyDetail } from '../../../../shared/contract.ts';
import { ask } from '../../../bridge.ts';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { ErrorNote } from '../../../components/note.tsx';
import { useDoing } from '../../../data/asked.ts';
import { useView } from '../../../data/view.ts';
import { count, short } from '../../../words/format.ts';
import { isChangeable, isForFiles, keyName } from '../../../words/keys.ts';

type Props = {
  readonly in: KeyDetail;
  readonly of: KeyDetail['history'][number];
  /** Known files under the version. */
  readonly files: number;
};
type Change = 'disable' | 'enable' | 'delete';

/** What can be done with one version: revoking it, taking that back, deleting imported material. */
export function VersionChanges({ in: key, of: version, files }: Props) {
  const changed = useView((view) => view.keysChanged);
  const [asking, setAsking] = useState<'disable' | 'delete'>();
  const { busy, error, run } = useDoing();
  const id = short(version.version);
  const act = (change: Change) =>
    run(async () => {
      if (change === 'delete') await ask('keys.deleteMaterial', { key: key.keyId, version: version.version });
      else {
        const enabled = change === 'enable';
        await ask('keys.setVersion', { key: key.keyId, version: version.version, enabled });
      }
      setAsking(undefined);
      changed();
    });
  if (!isChangeable(key)) return null;
  const replaced = !version.current && version.pendingRotation !== true && isForFiles(key);
  return (
    <span className="moment-end">
      {replaced && version.disabledAt === undefined ? (
        <Button look="plain compact" onPress={() => setAsking('disable')}>
          Disable…<span className="hidden"> version {id}</span>
        </Button>
      ) : null}
      {version.disabledAt === undefined ? null : (
        <Button look="plain compact" busy={busy} onPress={() => act('enable')}>
          Enable<span className="hidden"> version {id}</span>
        </Button>
      )}
      {version.imported?.here ? (
        <Button look="plain compact" onPress={() => setAsking('delete')}>
          Delete the material…<span className="hidden"> of version {id}</span>
        </Button>
      ) : null}
      {asking === undefined ? <ErrorNote error={error} /> : null}
      {asking === 'disable' ? (
        <Dialog title={`Disable version ${id}?`} onClose={() => setAsking(undefined)}>
          <p>
            {files === 0
              ? 'This vault knows of no file under it. Files that it does not know of don’t open either, until you enable the version again.'
              : `${count(files, 'file')} that this vault knows of ${files === 1 ? 'does' : 'do'} not open until you enable it again. Move them to the newest version first if they are still needed.`}
          </p>
          <p>Other versions of {keyName(key)} go on working.</p>
          <ErrorNote error={error} />
          <div className="actions end">
            <Button onPress={() => setAsking(undefined)}>Leave it</Button>
            <Button look="danger" busy={busy} onPress={() => act('disable')}>
              Disable the version
            </Button>
          </div>
        </Dialog>
      ) : null}
      {asking === 'delete' ? (
        <Dialog title={`Delete the material of version ${id}?`} onClose={() => setAsking(undefined)}>
          <p>
            {files === 0 ? 'Whatever' : `${count(files, 'file')} that this vault knows of, and whatever else`}{' '}
            is under it opens only once the very same material has been imported again. {keyName(key)} does
            nothing until then.
          </p>
          <ErrorNote error={error} />
          <div className="actions end">
            <Button onPress={() => setAsking(undefined)}>Leave it</Button>
            <Button look="danger" busy={busy} onPress={() => act('delete')}>
              Delete the material
            </Button>
          </div>
        </Dialog>
      ) : null}
    </span>
  );
}
