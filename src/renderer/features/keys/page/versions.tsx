import type { KeyDetail, KeyFiles } from '../../../../shared/contract.ts';
import { isForFiles } from '../../../../shared/key-specs.ts';
import { countText, sizeText } from '../../../../shared/measures.ts';
import { Badge } from '../../../components/badge.tsx';
import { Button } from '../../../components/button.tsx';
import { Card } from '../../../components/card.tsx';
import { CopyButton } from '../../../components/copy.tsx';
import { Mono } from '../../../components/inline-text.tsx';
import { ErrorNote } from '../../../components/note.tsx';
import { useQuery } from '../../../data/query.ts';
import { escaped } from '../../../text/file-names.ts';
import { day, short } from '../../../text/format.ts';
import { Import } from './import.tsx';
import { Rotation } from './rotation.tsx';
import { VersionDialogs } from './version-dialogs.tsx';

/** What the versions are headed by. */
function titleOf(key: KeyDetail): string {
  if (key.versions === 0) return 'No version yet';
  return isForFiles(key) ? countText(key.versions, 'version') : 'The one version';
}

type Version = KeyDetail['history'][number];

/** The versions of a key along time, the newest first, and when the next one comes. */
export function Versions({ of: key }: { readonly of: KeyDetail }) {
  const forFiles = isForFiles(key);
  const asked = useQuery('keys.files', forFiles ? { key: key.keyId } : null);
  return (
    <>
      {forFiles && key.origin === 'AWS_KMS' ? <Rotation of={key} /> : null}
      {key.origin === 'EXTERNAL' ? <Import of={key} /> : null}
      <Card title={titleOf(key)}>
        <p className="soft">
          {forFiles
            ? 'Every version opens what was encrypted under it, unless it is disabled. Files are counted as far as this vault remembers them; copies elsewhere are not counted.'
            : 'Keys of this kind keep the version that they were made with. For a fresh one, make a new key and move the name to it.'}
        </p>
        <ErrorNote error={asked.error} actions={<Button onPress={asked.again}>Try again</Button>} />
        <ol className="timeline">
          {key.history.toReversed().map((version) => (
            <Moment key={version.version} in={key} of={version} files={asked.value} />
          ))}
        </ol>
      </Card>
    </>
  );
}

const HOW = { ON_DEMAND: 'by hand', AUTOMATIC: 'by itself, on schedule' } as const;

type MomentProps = {
  readonly in: KeyDetail;
  readonly of: Version;
  readonly files: KeyFiles | undefined;
};

function Moment({ in: key, of: version, files }: MomentProps) {
  const forFiles = isForFiles(key);
  const under = files?.versions.find((one) => one.version === version.version);
  const share = under === undefined || files === undefined ? 0 : under.files / files.files;
  return (
    <li className={version.current ? 'now' : ''}>
      <div className="moment">
        <span className="copied" title={version.version}>
          <Mono>{short(version.version)}</Mono>
          <CopyButton text={version.version} what={`version ${short(version.version)}`} />
        </span>
        <Standings of={version} forFiles={forFiles} />
        <VersionDialogs in={key} of={version} files={under?.files ?? 0} />
      </div>
      <p className="small soft">{madeHow(version)}</p>
      <Notes of={version} />
      {!forFiles || files === undefined ? null : (
        <div className="share">
          <span className="small numbers">
            {under === undefined
              ? 'no known files'
              : `${countText(under.files, 'file')}, ${sizeText(under.bytes)}`}
          </span>
          <span className="share-bar" aria-hidden="true">
            <span style={{ width: `${share * 100}%` }} />
          </span>
        </div>
      )}
    </li>
  );
}

function Standings({ of: version, forFiles }: { readonly of: Version; readonly forFiles: boolean }) {
  const { imported } = version;
  return (
    <>
      {version.current && forFiles && imported?.here !== false ? (
        <Badge tone="good" word="Encrypts new files" />
      ) : null}
      {version.disabledAt === undefined ? null : <Badge tone="warn" word="Disabled" />}
      {imported?.here === false ? <Badge tone="warn" word="Material deleted" /> : null}
      {version.pendingRotation ? <Badge tone="quiet" word="Waits for the next rotation" /> : null}
      {version.exportedAt === undefined ? null : <Badge tone="warn" word="Exported" />}
    </>
  );
}

function Notes({ of: version }: { readonly of: Version }) {
  const { disabledAt, exportedAt, imported } = version;
  return (
    <>
      {disabledAt === undefined ? null : (
        <p className="small">Nothing under this version opens since {day(disabledAt)}.</p>
      )}
      {imported?.expiresAt === undefined ? null : (
        <p className="small">
          Its material expires on {day(imported.expiresAt)} and has to be imported anew then.
        </p>
      )}
      {imported?.description === undefined ? null : (
        <p className="small">
          <bdi>{escaped(imported.description)}</bdi>
        </p>
      )}
      {exportedAt === undefined ? null : (
        <p className="small">
          Its material left the vault on {day(exportedAt)}. Whoever has that export opens what is under this
          version, whatever happens to the key here.
        </p>
      )}
    </>
  );
}

function madeHow({ createdAt, rotation, imported }: Version): string {
  const how = rotation === undefined ? (imported === undefined ? 'with the key' : 'imported') : HOW[rotation];
  return `Made ${day(createdAt)}, ${how}${rotation !== undefined && imported !== undefined ? ', imported' : ''}`;
}
