import { useState } from 'react';
import type { KeyDetail } from '../../../../shared/contract.ts';
import { isForFiles } from '../../../../shared/key-specs.ts';
import { countText } from '../../../../shared/measures.ts';
import { ask } from '../../../bridge.ts';
import { Button } from '../../../components/button.tsx';
import { Confirm } from '../../../components/confirm.tsx';
import { ErrorNote } from '../../../components/note.tsx';
import { useMutation } from '../../../data/mutation.ts';
import { short } from '../../../text/format.ts';
import { isChangeable, keyName } from '../../../text/keys.ts';

type Props = {
  readonly in: KeyDetail;
  readonly of: KeyDetail['history'][number];
  /** Known files under the version. */
  readonly files: number;
};
const DONE = {
  disable: 'The version is disabled.',
  enable: 'The version is enabled.',
  delete: 'The material is deleted.',
} as const;

/** What can be done with one version: revoking it, taking that back, deleting imported material. */
export function VersionDialogs({ in: key, of: version, files }: Props) {
  const [asking, setAsking] = useState<'disable' | 'delete'>();
  const { busy, error, change } = useMutation();
  const id = short(version.version);
  const act = (what: keyof typeof DONE) =>
    change(DONE[what], async () => {
      if (what === 'delete') await ask('keys.deleteMaterial', { key: key.keyId, version: version.version });
      else {
        const enabled = what === 'enable';
        await ask('keys.setVersion', { key: key.keyId, version: version.version, enabled });
      }
      setAsking(undefined);
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
        <Confirm
          title={`Disable version ${id}?`}
          does="Disable the version"
          leaves="Leave it"
          busy={busy}
          error={error}
          onDo={() => act('disable')}
          onClose={() => setAsking(undefined)}
        >
          <p>
            {files === 0
              ? 'This vault knows of no file under it. Files that it does not know of don’t open either, until you enable the version again.'
              : `${countText(files, 'file')} that this vault knows of ${files === 1 ? 'does' : 'do'} not open until you enable it again. Move them to the newest version first if they are still needed.`}
          </p>
          <p>Other versions of {keyName(key)} go on working.</p>
        </Confirm>
      ) : null}
      {asking === 'delete' ? (
        <Confirm
          title={`Delete the material of version ${id}?`}
          does="Delete the material"
          leaves="Leave it"
          busy={busy}
          error={error}
          onDo={() => act('delete')}
          onClose={() => setAsking(undefined)}
        >
          <p>
            {files === 0
              ? 'Whatever'
              : `${countText(files, 'file')} that this vault knows of, and whatever else`}{' '}
            is under it opens only once the very same material has been imported again. {keyName(key)} does
            nothing until then.
          </p>
        </Confirm>
      ) : null}
    </span>
  );
}
