import { ChevronLeft } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { KeyDetail } from '../../../../shared/contract.ts';
import { isForFiles } from '../../../../shared/key-specs.ts';
import { Badge } from '../../../components/badge.tsx';
import { Button } from '../../../components/button.tsx';
import { ErrorNote, Note } from '../../../components/note.tsx';
import { TabPanel, Tabs } from '../../../components/tabs.tsx';
import { useKeys } from '../../../data/keys.tsx';
import { useQuery } from '../../../data/query.ts';
import { type KeyPart, useView } from '../../../data/view.ts';
import { escaped } from '../../../text/file-names.ts';
import { day } from '../../../text/format.ts';
import { keyName, STATES } from '../../../text/keys.ts';
import { specName, usageText } from '../../../text/purposes.ts';
import { Access } from '../access/access.tsx';
import { KeyDialogs } from '../key-dialogs.tsx';
import { KeepKey } from './deletion.tsx';
import { Overview } from './overview.tsx';
import { Versions } from './versions.tsx';

const PARTS = [
  { id: 'overview', word: 'Overview' },
  { id: 'versions', word: 'Versions' },
  { id: 'access', word: 'Access' },
] as const satisfies readonly { readonly id: KeyPart; readonly word: string }[];

/** Everything about one key, in parts. */
export function KeyPage({ id, part }: { readonly id: string; readonly part: KeyPart }) {
  const { open, close } = useView();
  const { standard } = useKeys();
  const asked = useQuery('keys.describe', { key: id }, 'keysRevision');
  const key = asked.value;
  const title = useRef<HTMLHeadingElement>(null);
  const there = key !== undefined;
  useEffect(() => {
    if (there) title.current?.focus();
  }, [there]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: after a change of the key, whatever it was
  useEffect(() => {
    // What had the focus may be gone with the change.
    if (document.activeElement === document.body) title.current?.focus();
  }, [key]);
  return (
    <>
      <header className="key-head">
        <div className="head">
          <Button look="plain back" icon={ChevronLeft} onPress={close}>
            Keys
          </Button>
          <div className="key-title">
            <h1
              ref={title}
              className="few-lines"
              title={key === undefined ? undefined : keyName(key)}
              tabIndex={-1}
            >
              {key === undefined ? 'Key' : keyName(key)}
            </h1>
            {key === undefined ? null : (
              <p className="small soft">
                <Badge tone={STATES[key.state].tone} word={STATES[key.state].word} />
                <span>{usageText(key)}</span>
                <span>{specName(key)}</span>
                {standard?.keyId === key.keyId ? <span>for new files</span> : null}
              </p>
            )}
          </div>
          {key === undefined ? null : <KeyDialogs of={key} />}
        </div>
        <Tabs label="About this key" tabs={PARTS} chosen={part} onChoose={(next) => open(id, next)} />
      </header>
      <TabPanel id={part}>
        {key === undefined ? (
          <ErrorNote error={asked.error} actions={<Button onPress={asked.again}>Try again</Button>} />
        ) : (
          <div className="cards">
            <ExistingOutput of={key} part={part} />
            {part === 'overview' ? <Overview of={key} /> : null}
            {part === 'versions' ? <Versions of={key} /> : null}
            {part === 'access' ? <Access of={key} /> : null}
          </div>
        )}
      </TabPanel>
    </>
  );
}

/** What a state that is not the usual one means, and the way out of it. */
function ExistingOutput({ of: key, part }: { readonly of: KeyDetail; readonly part: KeyPart }) {
  const open = useView((view) => view.open);
  const name = escaped(keyName(key));
  if (key.managed) {
    return (
      <Note>
        The vault made {name} for itself and takes care of it: it gets a new version every year, and nobody
        can change or delete it. For a key of your own rules, make a new one.
      </Note>
    );
  }
  if (key.state === 'PendingImport') {
    return (
      <Note
        tone="warn"
        actions={
          part === 'versions' ? undefined : (
            <Button onPress={() => open(key.keyId, 'versions')}>Import the material</Button>
          )
        }
      >
        {name} is without material and does nothing until it is imported.
      </Note>
    );
  }
  if (key.state === 'Disabled') {
    return (
      <Note>
        {isForFiles(key)
          ? `${name} is disabled: no file under it can be opened, and none encrypted under it, until you enable it.`
          : `${name} is disabled: it does nothing until you enable it.`}
      </Note>
    );
  }
  if (key.state !== 'PendingDeletion' || key.deletionDate === undefined) return null;
  return (
    <Note tone="warn" actions={<KeepKey of={key} />}>
      {name} does nothing any more and is to be deleted after {day(key.deletionDate)}. It can be kept until
      the vault has shredded it, which happens a day or more after an unlock has told you that the date has
      passed.
    </Note>
  );
}
