import { useId, useState } from 'react';
import type { BridgeInput, GivenFile } from '../../../../shared/bridge.ts';
import type { KeyDetail } from '../../../../shared/contract.ts';
import { canWrap, isForFiles, WRAPPING_KEY_SPECS } from '../../../../shared/key-specs.ts';
import { ask } from '../../../bridge.ts';
import { Button } from '../../../components/button.tsx';
import { Card } from '../../../components/card.tsx';
import { FileName } from '../../../components/inline-text.tsx';
import { ErrorNote, Note } from '../../../components/note.tsx';
import { announce } from '../../../data/jobs.ts';
import { useAction } from '../../../data/query.ts';
import { useView } from '../../../data/view.ts';
import { escaped } from '../../../text/file-names.ts';
import { clockTime, day } from '../../../text/format.ts';
import { specName } from '../../../text/purposes.ts';

type Props = { readonly of: KeyDetail };
type WrappingSpec = BridgeInput<'keys.saveImportParameters'>['spec'];

/** Import of key material: first the files to wrap it with, then the wrapped material. None of it comes here. */
export function Import({ of: key }: Props) {
  if (key.state === 'PendingDeletion') return null;
  return (
    <div className="columns">
      <Prepare of={key} />
      <Bring of={key} />
    </div>
  );
}

function Prepare({ of: key }: Props) {
  const id = useId();
  const [simple, twofold] = ['RSAES_OAEP_SHA_256', 'RSA_AES_KEY_WRAP_SHA_256'] as const;
  const algorithm = canWrap(simple, 'RSA_4096', key.spec) ? simple : twofold;
  const [spec, setSpec] = useState<WrappingSpec>('RSA_4096');
  const [saved, setSaved] = useState<{ readonly files: readonly GivenFile[]; readonly validTo: string }>();
  const { busy, error, run } = useAction();
  const save = () =>
    run(async () => {
      const made = await ask('keys.saveImportParameters', { key: key.keyId, algorithm, spec });
      if (made.files.length === 0) return;
      setSaved(made);
      announce('Wrapping key and token are saved.');
    });
  return (
    <Card title="1. Wrap the material">
      <p className="soft">
        Keyward makes a wrapping key and an import token that belong together. Wrap your material under that
        key where it lies now:{' '}
        {algorithm === twofold
          ? 'RSA-OAEP with SHA-256 around an AES key, which wraps it (RFC 5649)'
          : 'RSA-OAEP with SHA-256'}
        . Both serve for 24 hours.
      </p>
      <div className="field">
        <label htmlFor={id}>Wrapping key</label>
        <select
          id={id}
          className="select"
          value={spec}
          onChange={(event) => setSpec(event.target.value as WrappingSpec)}
        >
          {WRAPPING_KEY_SPECS.filter((wrapping) => canWrap(algorithm, wrapping, key.spec))
            .toReversed()
            .map((wrapping) => (
              <option key={wrapping} value={wrapping}>
                {specName({ spec: wrapping })}
              </option>
            ))}
        </select>
      </div>
      <ErrorNote error={error} />
      <div className="actions">
        <Button busy={busy} onPress={save}>
          Save wrapping key and token…
        </Button>
      </div>
      {saved === undefined ? null : (
        <Note
          tone="good"
          actions={
            <Button look="compact" onPress={() => ask('files.show', { file: saved.files[0]?.id ?? '' })}>
              Show in folder
            </Button>
          }
        >
          Saved {saved.files.map(({ name }) => escaped(name)).join(' and ')}. They serve until{' '}
          {day(saved.validTo)}, {clockTime(saved.validTo)}.
        </Note>
      )}
    </Card>
  );
}

function Bring({ of: key }: Props) {
  const id = useId();
  const changed = useView((view) => view.keysChanged);
  const [material, setMaterial] = useState<GivenFile>();
  const [token, setToken] = useState<GivenFile>();
  const [until, setUntil] = useState('');
  const before = key.history.some(({ imported }) => imported !== undefined);
  const [fresh, setFresh] = useState(false);
  const { busy, error, run } = useAction();
  const choose = (what: 'material' | 'token') =>
    run(async () => {
      const [file] = (await ask('files.choose', { what })).files;
      if (file !== undefined) (what === 'material' ? setMaterial : setToken)(file);
    });
  const bring = () =>
    run(async () => {
      if (material === undefined || token === undefined) return;
      await ask('keys.importMaterial', {
        key: key.keyId,
        material: material.id,
        token: token.id,
        fresh: fresh || !before,
        ...(until === '' ? {} : { expires: new Date(`${until}T23:59:59`).toISOString() }),
      });
      setMaterial(undefined);
      setToken(undefined);
      changed();
      announce('The material is imported.');
    });
  const ready = material !== undefined && token !== undefined;
  return (
    <Card title="2. Bring it in">
      <p className="soft">
        The vault reads both files itself. Keep your own copy of the material: the vault gives it back only as
        an export.
      </p>
      <Chosen word="Wrapped material" of={material} onChoose={() => choose('material')} />
      <Chosen word="Import token" of={token} onChoose={() => choose('token')} />
      {before && isForFiles(key) ? (
        <div className="field">
          <label htmlFor={`${id}-fresh`}>This is</label>
          <select
            id={`${id}-fresh`}
            className="select"
            value={fresh ? 'fresh' : 'same'}
            onChange={(event) => setFresh(event.target.value === 'fresh')}
          >
            <option value="same">material that the key had before</option>
            <option value="fresh">new material, for the next rotation</option>
          </select>
        </div>
      ) : null}
      <div className="field">
        <label htmlFor={`${id}-until`}>Forget it after (may be left out)</label>
        <input
          id={`${id}-until`}
          type="date"
          className="input small-input date"
          value={until}
          onChange={(event) => setUntil(event.target.value)}
        />
      </div>
      <ErrorNote error={error} />
      <div className="actions">
        <Button look="main" busy={busy || !ready} onPress={() => (ready ? bring() : undefined)}>
          Import
        </Button>
      </div>
    </Card>
  );
}

type ChosenProps = {
  readonly word: string;
  readonly of: GivenFile | undefined;
  readonly onChoose: () => void;
};

function Chosen({ word, of: file, onChoose }: ChosenProps) {
  return (
    <div className="chosen-file">
      <span>
        {word}
        <span className="small soft">
          {file === undefined ? 'not chosen yet' : <FileName name={file.name} />}
        </span>
      </span>
      <Button look="compact" onPress={onChoose}>
        Choose…<span className="hidden"> {word}</span>
      </Button>
    </div>
  );
}
