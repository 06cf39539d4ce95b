import { useEffect, useState } from 'react';
import type { Theme, WindowStatus } from '../../../shared/bridge.ts';
import type { Settings } from '../../../shared/contract.ts';
import { ask } from '../../bridge.ts';
import { Check } from '../../components/check.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { useDoing } from '../../data/asked.ts';
import { useKeys } from '../../data/keys.tsx';
import { useView } from '../../data/view.ts';
import { isForFiles, keyName } from '../../words/keys.ts';
import { AboutVault } from './about-vault.tsx';
import { Clients } from './clients.tsx';
import { EndpointSection } from './endpoint.tsx';
import { Roles } from './roles.tsx';
import { Unlocking } from './unlocking.tsx';

/** Settings: unlocking, the default key, roles, the endpoint, appearance, and what there is to know of the vault. */
export function SettingsPlace({ status }: { readonly status: WindowStatus }) {
  const { settings, list, standard } = useKeys();
  const keysChanged = useView((view) => view.keysChanged);
  const { error, run } = useDoing();
  const change = (name: keyof Settings, value: string) => {
    run(async () => {
      await ask('config.set', { name, value });
      keysChanged();
    });
  };
  const usable =
    list?.filter((key) => key.state === 'Enabled' && key.aliases.length > 0 && isForFiles(key)) ?? [];
  return (
    <>
      <header className="head">
        <h1>Settings</h1>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="scroll padded" tabIndex={0} aria-label="All settings">
        {settings === undefined ? (
          <ErrorNote error={error} />
        ) : (
          <div className="column settings">
            <ErrorNote error={error} />
            <Unlocking status={status} settings={settings} onChange={change} />
            <section>
              <h2>New files</h2>
              <div className="setting">
                <label htmlFor="default-key">Encrypt them under</label>
                <select
                  id="default-key"
                  className="select"
                  value={standard?.keyId ?? ''}
                  onChange={(event) => {
                    const key = usable.find(({ keyId }) => keyId === event.target.value);
                    change('default-key', key?.aliases[0] ?? event.target.value);
                  }}
                >
                  {standard === undefined ? <option value="">{settings['default-key']}</option> : null}
                  {usable.map((key) => (
                    <option key={key.keyId} value={key.keyId}>
                      {keyName(key)}
                    </option>
                  ))}
                </select>
              </div>
            </section>
            <Roles role={status.owner?.role} />
            <EndpointSection status={status} />
            <Clients role={status.owner?.role} />
            <Appearance />
            <section>
              <h2>Log</h2>
              <Check
                label="Open files even when the log can’t be written"
                about="On a full disk you still get at your files. The missing lines are written when there is room again."
                checked={settings['open-files-without-audit']}
                onChange={(on) => change('open-files-without-audit', on ? 'on' : 'off')}
              />
            </section>
            <AboutVault status={status} />
          </div>
        )}
      </section>
    </>
  );
}

const THEMES: readonly { readonly theme: Theme; readonly word: string }[] = [
  { theme: 'system', word: 'Like the system' },
  { theme: 'light', word: 'Light' },
  { theme: 'dark', word: 'Dark' },
];

function Appearance() {
  const [chosen, setChosen] = useState<Theme>();
  const { error, run } = useDoing();
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
