import { useEffect, useState } from 'react';
import type { Theme, WindowStatus } from '../../../shared/bridge.ts';
import type { Settings } from '../../../shared/contract.ts';
import { isForFiles } from '../../../shared/key-specs.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Check } from '../../components/check.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { useKeys } from '../../data/keys.tsx';
import { useAction } from '../../data/query.ts';
import { KeyChoice } from '../keys/key-choice.tsx';
import { AboutVault } from './about-vault.tsx';
import { Clients } from './clients.tsx';
import { EndpointSection } from './endpoint.tsx';
import { Roles } from './roles.tsx';
import { useSetting } from './setting.ts';
import { Unlocking } from './unlocking.tsx';

/** Settings: unlocking, the default key, roles, the endpoint, appearance, and what there is to know of the vault. */
export function SettingsPlace({ status }: { readonly status: WindowStatus }) {
  const { settings, askedSettings } = useKeys();
  return (
    <>
      <header className="head">
        <h1>Settings</h1>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="scroll padded" tabIndex={0} aria-label="All settings">
        {settings === undefined ? (
          <ErrorNote
            error={askedSettings.error}
            actions={<Button onPress={askedSettings.again}>Try again</Button>}
          />
        ) : (
          <div className="column settings">
            <Unlocking settings={settings} />
            <NewFiles settings={settings} />
            <Roles role={status.owner?.role} />
            <EndpointSection status={status} />
            <Clients role={status.owner?.role} />
            <Appearance />
            <Log settings={settings} />
            <AboutVault status={status} />
          </div>
        )}
      </section>
    </>
  );
}

type Props = { readonly settings: Settings };

function NewFiles({ settings }: Props) {
  const { list, standard } = useKeys();
  const { error, set } = useSetting('default-key');
  const usable =
    list?.filter((key) => key.state === 'Enabled' && key.aliases.length > 0 && isForFiles(key)) ?? [];
  return (
    <section>
      <h2>New files</h2>
      <div className="setting">
        <label htmlFor="default-key">Encrypt them under</label>
        <KeyChoice
          id="default-key"
          of={usable}
          chosen={standard}
          none={settings['default-key']}
          onChoose={({ keyId, aliases }) => set(aliases[0] ?? keyId)}
        />
      </div>
      <ErrorNote error={error} />
    </section>
  );
}

const THEMES: readonly { readonly theme: Theme; readonly word: string }[] = [
  { theme: 'system', word: 'Like the system' },
  { theme: 'light', word: 'Light' },
  { theme: 'dark', word: 'Dark' },
];

function Appearance() {
  const [chosen, setChosen] = useState<Theme>();
  const { error, run } = useAction();
  useEffect(() => {
    run(async () => setChosen((await ask('window.appearance', {})).theme));
  }, [run]);
  return (
    <section>
      <h2>Appearance</h2>
      <ErrorNote error={error} />
      <div>
        <fieldset className="choices">
          <legend className="hidden">Appearance</legend>
          {THEMES.map(({ theme, word }) => (
            <label key={theme}>
              <input
                type="radio"
                name="theme"
                checked={chosen === theme}
                onChange={() => run(async () => setChosen((await ask('window.appearance', { theme })).theme))}
              />
              {word}
            </label>
          ))}
        </fieldset>
      </div>
    </section>
  );
}

function Log({ settings }: Props) {
  const { error, set } = useSetting('open-files-without-audit');
  return (
    <section>
      <h2>Log</h2>
      <Check
        label="Open files even when the log can’t be written"
        about="On a full disk you still get at your files. The missing lines are written when there is room again."
        checked={settings['open-files-without-audit']}
        onChange={(on) => set(on ? 'on' : 'off')}
      />
      <ErrorNote error={error} />
    </section>
  );
}
