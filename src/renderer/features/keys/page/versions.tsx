import type { KeyDetail, KeyFiles } from '../../../../shared/contract.ts';
import { Badge } from '../../../components/badge.tsx';
import { Button } from '../../../components/button.tsx';
import { Card } from '../../../components/card.tsx';
import { CopyButton } from '../../../components/copy.tsx';
import { ErrorNote } from '../../../components/note.tsx';
import { Mono } from '../../../components/text.tsx';
import { useAsked } from '../../../data/asked.ts';
import { count, day, short, size } from '../../../words/format.ts';
import { isForFiles } from '../../../words/keys.ts';
import { Rotation } from './rotation.tsx';

type Version = KeyDetail['history'][number];

/** The versions of a key along time, the newest first, and when the next one comes. */
export function Versions({ of: key }: { readonly of: KeyDetail }) {
  const forFiles = isForFiles(key);
  const asked = useAsked('keys.files', forFiles ? { key: key.keyId } : null);
  return (
    <>
      {forFiles ? <Rotation of={key} /> : null}
      <Card title={forFiles ? count(key.versions, 'version') : 'The one version'}>
        <p className="soft">
          {forFiles
            ? 'Every version goes on opening what was encrypted under it. Files are counted as far as this vault remembers them; copies elsewhere are not counted.'
            : 'Keys of this kind keep the version that they were made with. For a fresh one, make a new key and move the name to it.'}
        </p>
        <ErrorNote error={asked.error} actions={<Button onPress={asked.again}>Try again</Button>} />
        <ol className="timeline">
          {key.history.toReversed().map((version) => (
            <Moment key={version.version} of={version} forFiles={forFiles} files={asked.value} />
          ))}
        </ol>
      </Card>
    </>
  );
}

const HOW = { ON_DEMAND: 'by hand', AUTOMATIC: 'by itself, on schedule' } as const;

type MomentProps = {
  readonly of: Version;
  readonly forFiles: boolean;
  readonly files: KeyFiles | undefined;
};

function Moment({ of: version, forFiles, files }: MomentProps) {
  const under = files?.versions.find((one) => one.version === version.version);
  const share = under === undefined || files === undefined ? 0 : under.files / files.files;
  return (
    <li className={version.current ? 'now' : ''}>
      <div className="moment">
        <span className="copied" title={version.version}>
          <Mono>{short(version.version)}</Mono>
          <CopyButton text={version.version} what={`version ${short(version.version)}`} />
        </span>
        {version.current && forFiles ? <Badge tone="good" word="Encrypts new files" /> : null}
        {version.exportedAt === undefined ? null : <Badge tone="warn" word="Exported" />}
      </div>
      <p className="small soft">
        Made {day(version.createdAt)},{' '}
        {version.rotation === undefined ? 'with the key' : HOW[version.rotation]}
      </p>
      {version.exportedAt === undefined ? null : (
        <p className="small">
          Its material left the vault on {day(version.exportedAt)}. Whoever has that export opens what is
          under this version, whatever happens to the key here.
        </p>
      )}
      {!forFiles || files === undefined ? null : (
        <div className="share">
          <span className="small numbers">
            {under === undefined ? 'no known files' : `${count(under.files, 'file')}, ${size(under.bytes)}`}
          </span>
          <span className="share-bar" aria-hidden="true">
            <span style={{ width: `${share * 100}%` }} />
          </span>
        </div>
      )}
    </li>
  );
}
