import { countText } from '../../../shared/measures.ts';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Copied } from '../../components/copy.tsx';
import { Mono } from '../../components/inline-text.tsx';
import { Facts, InspectorPane, Part } from '../../components/inspector-pane.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { useQuery } from '../../data/query.ts';
import { useView } from '../../data/view.ts';
import { escaped } from '../../text/file-names.ts';
import { day, short, shortDay } from '../../text/format.ts';
import { keyName, STATES } from '../../text/keys.ts';
import { specName, usageText } from '../../text/purposes.ts';
import { KeyDialogs } from '../keys/key-dialogs.tsx';

/** Versions that are shown; the key's page has them all. */
const SHOWN = 5;

/** What matters most about one key; its page has the rest. */
export function KeyDetails({ id }: { readonly id: string }) {
  const open = useView((view) => view.open);
  const asked = useQuery('keys.describe', { key: id }, 'keysRevision');
  const key = asked.value;
  if (key === undefined) {
    return (
      <InspectorPane title="Key">
        <ErrorNote error={asked.error} actions={<Button onPress={asked.again}>Try again</Button>} />
      </InspectorPane>
    );
  }
  const { word, tone } = STATES[key.state];
  return (
    <InspectorPane
      title={
        <span className="few-lines" title={keyName(key)}>
          {keyName(key)}
        </span>
      }
      under={key.description === '' ? undefined : <bdi>{escaped(key.description)}</bdi>}
    >
      <div className="actions">
        <Button look="main" onPress={() => open(key.keyId)}>
          Open this key
        </Button>
      </div>
      <Facts
        of={[
          ['State', <Badge key="state" tone={tone} word={word} />],
          ['Kind', `${usageText(key)}, ${specName(key)}`],
          ['Made', day(key.createdAt)],
          ...(key.deletionDate === undefined
            ? []
            : [['To be deleted', `after ${day(key.deletionDate)}`] as const]),
          ...(key.rotation === undefined
            ? []
            : [
                [
                  'New version',
                  `every ${key.rotation.days} days, next on ${day(key.rotation.next)}`,
                ] as const,
              ]),
          ['Also called', <Mono key="alias">{key.aliases.join(', ') || 'nothing'}</Mono>],
          [
            'Id',
            <Copied key="id" what="the id">
              {key.keyId}
            </Copied>,
          ],
        ]}
      />
      <KeyDialogs of={key} />
      <Part title={countText(key.versions, 'version')}>
        <ul className="lines versions">
          {key.history
            .toReversed()
            .slice(0, SHOWN)
            .map(({ version, createdAt, current }) => (
              <li key={version}>
                <span title={version}>
                  <Mono>{short(version)}</Mono>
                </span>
                <span className="small soft numbers">
                  {current ? 'newest, ' : ''}
                  {shortDay(createdAt)}
                </span>
              </li>
            ))}
        </ul>
        <div className="actions">
          <Button look="plain compact" onPress={() => open(key.keyId, 'versions')}>
            {key.versions > SHOWN ? `All ${key.versions} versions` : 'What depends on them'}
          </Button>
        </div>
      </Part>
    </InspectorPane>
  );
}
