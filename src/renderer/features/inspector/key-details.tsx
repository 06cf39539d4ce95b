import { useState } from 'react';
import type { BridgeOutput } from '../../../shared/bridge.ts';
import { ask } from '../../bridge.ts';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Facts, Inspector, Part } from '../../components/inspector.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { Mono } from '../../components/text.tsx';
import { useAsked, useDoing } from '../../data/asked.ts';
import { useKeys } from '../../data/keys.tsx';
import { useView } from '../../data/view.ts';
import { count, day, short, shortDay } from '../../words/format.ts';
import { keyName, STATES } from '../../words/keys.ts';

type Key = BridgeOutput<'keys.describe'>;
type Change = 'rotate' | 'disable';

/** Everything about one key, and what can be done with it. */
export function KeyDetails({ id }: { readonly id: string }) {
  const asked = useAsked('keys.describe', { key: id }, 'keysRevision');
  const key = asked.value;
  if (key === undefined) {
    return (
      <Inspector title="Key">
        <ErrorNote error={asked.error} actions={<Button onPress={asked.again}>Try again</Button>} />
      </Inspector>
    );
  }
  const { word, tone } = STATES[key.state];
  return (
    <Inspector title={keyName(key)} under={key.description === '' ? undefined : key.description}>
      <Facts
        of={[
          ['State', <Badge key="state" tone={tone} word={word} />],
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
          ['Id', <Mono key="id">{key.keyId}</Mono>],
        ]}
      />
      <Actions of={key} />
      <Part title={count(key.versions, 'version')}>
        <ul className="lines versions">
          {key.history.toReversed().map(({ version, createdAt, current }) => (
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
      </Part>
      <Part title="ARN">
        <Mono>{key.arn}</Mono>
      </Part>
    </Inspector>
  );
}

function Actions({ of: key }: { readonly of: Key }) {
  const { standard } = useKeys();
  const changed = useView((view) => view.keysChanged);
  const [asking, setAsking] = useState<Change>();
  const { busy, error, run } = useDoing();
  const act = (method: 'keys.rotate' | 'keys.enable' | 'keys.disable') =>
    run(async () => {
      setAsking(undefined);
      await ask(method, { key: key.keyId });
      changed();
    });
  const alias = key.aliases[0];
  return (
    <>
      <ErrorNote error={error} />
      <div className="actions">
        {key.state === 'Enabled' ? (
          <Button onPress={() => setAsking('rotate')}>Make a new version…</Button>
        ) : null}
        {key.state === 'Enabled' && alias !== undefined && standard?.keyId !== key.keyId ? (
          <Button
            onPress={() =>
              run(async () => {
                await ask('config.set', { name: 'default-key', value: alias });
                changed();
              })
            }
          >
            Use for new files
          </Button>
        ) : null}
        {key.state === 'Enabled' ? (
          <Button look="danger" onPress={() => setAsking('disable')}>
            Disable…
          </Button>
        ) : null}
        {key.state === 'Disabled' ? (
          <Button look="main" busy={busy} onPress={() => act('keys.enable')}>
            Enable
          </Button>
        ) : null}
      </div>
      {asking === undefined ? null : (
        <Sure
          change={asking}
          name={keyName(key)}
          onNo={() => setAsking(undefined)}
          onYes={() => act(asking === 'rotate' ? 'keys.rotate' : 'keys.disable')}
        />
      )}
    </>
  );
}

type SureProps = {
  readonly change: Change;
  readonly name: string;
  readonly onNo: () => void;
  readonly onYes: () => void;
};

function Sure({ change, name, onNo, onYes }: SureProps) {
  return change === 'rotate' ? (
    <Dialog title={`Make a new version of ${name}?`} onClose={onNo}>
      <p>New files are encrypted under the new version. Files under older versions open as before.</p>
      <div className="actions end">
        <Button onPress={onNo}>Cancel</Button>
        <Button look="main" onPress={onYes}>
          Make a new version
        </Button>
      </div>
    </Dialog>
  ) : (
    <Dialog title={`Disable ${name}?`} onClose={onNo}>
      <p>
        Until you enable it again, no file under {name} can be opened, and no new file encrypted under it.
      </p>
      <div className="actions end">
        <Button onPress={onNo}>Leave it as it is</Button>
        <Button look="danger" onPress={onYes}>
          Disable {name}
        </Button>
      </div>
    </Dialog>
  );
}
