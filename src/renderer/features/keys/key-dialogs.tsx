import { useState } from 'react';
import type { KeySummary } from '../../../shared/contract.ts';
import { isForFiles } from '../../../shared/key-specs.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { useKeys } from '../../data/keys.tsx';
import { useMutation } from '../../data/mutation.ts';
import { brief } from '../../text/format.ts';
import { isChangeable, keyName } from '../../text/keys.ts';

const SAID = {
  'keys.rotate': 'A new version is made.',
  'keys.enable': 'The key is enabled.',
  'keys.disable': 'The key is disabled.',
} as const;

type Props = { readonly of: KeySummary };

/** What can be done with a key at once: a new version, new files under it, disabling, enabling. */
export function KeyDialogs({ of: key }: Props) {
  const { standard } = useKeys();
  const [asking, setAsking] = useState<'rotate' | 'disable'>();
  const { busy, error, change } = useMutation();
  const act = (method: keyof typeof SAID) =>
    change(SAID[method], async () => {
      setAsking(undefined);
      await ask(method, { key: key.keyId });
    });
  const alias = key.aliases[0];
  const name = keyName(key);
  const changeable = isChangeable(key);
  const encrypts = key.state === 'Enabled' && isForFiles(key);
  return (
    <>
      <div className="actions">
        {encrypts && changeable ? (
          <Button onPress={() => setAsking('rotate')}>Make a new version…</Button>
        ) : null}
        {encrypts && alias !== undefined && standard?.keyId !== key.keyId ? (
          <Button
            onPress={() =>
              change(`${name} is for new files now.`, async () => {
                await ask('config.set', { name: 'default-key', value: alias });
              })
            }
          >
            Use for new files
          </Button>
        ) : null}
        {key.state === 'Enabled' && changeable ? (
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
      <ErrorNote error={error} />
      {asking === 'rotate' ? (
        <Confirm
          title={`Make a new version of ${name}?`}
          does="Make a new version"
          leaves="Cancel"
          look="main"
          onDo={() => act('keys.rotate')}
          onClose={() => setAsking(undefined)}
        >
          <p>New files are encrypted under the new version. Files under older versions open as before.</p>
        </Confirm>
      ) : null}
      {asking === 'disable' ? (
        <Confirm
          title={`Disable ${name}?`}
          does={`Disable ${brief(name)}`}
          leaves="Leave it as it is"
          onDo={() => act('keys.disable')}
          onClose={() => setAsking(undefined)}
        >
          <p>{disabling(key, name)}</p>
        </Confirm>
      ) : null}
    </>
  );
}

function disabling(key: KeySummary, name: string): string {
  return isForFiles(key)
    ? `Until you enable it again, no file under ${name} can be opened, and no new file encrypted under it.`
    : `Until you enable it again, ${name} does nothing. What was made with it stays as it is.`;
}
