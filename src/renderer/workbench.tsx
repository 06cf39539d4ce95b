import {
  Files,
  HeartPulse,
  History,
  KeyRound,
  LifeBuoy,
  LockKeyholeOpen,
  type LucideIcon,
  SlidersHorizontal,
} from 'lucide-react';
import { useEffect, useState } from 'react';
import type { WindowStatus } from '../shared/bridge.ts';
import { countText } from '../shared/measures.ts';
import { ask } from './bridge.ts';
import { Confirm } from './components/confirm.tsx';
import { Logo } from './components/logo.tsx';
import { useJobs } from './data/jobs.ts';
import { KeysProvider } from './data/keys.tsx';
import { watchStatus } from './data/status.ts';
import { type Place, useView } from './data/view.ts';
import { Activity } from './features/activity/activity.tsx';
import { FilesPlace } from './features/files/files.tsx';
import { PendingDrops } from './features/files/pending-drops.tsx';
import { HealthPlace } from './features/health/health.tsx';
import { ItemInspector } from './features/inspector/inspector.tsx';
import { KeysPlace } from './features/keys/keys.tsx';
import { BackupIndicator } from './features/recovery/backup-indicator.tsx';
import { RecoveryPlace } from './features/recovery/recovery.tsx';
import { RoleIndicator } from './features/roles/role-indicator.tsx';
import { EndpointIndicator } from './features/settings/endpoint-indicator.tsx';
import { SettingsPlace } from './features/settings/settings.tsx';

const PLACES: readonly { readonly place: Place; readonly word: string; readonly icon: LucideIcon }[] = [
  { place: 'files', word: 'Files', icon: Files },
  { place: 'keys', word: 'Keys', icon: KeyRound },
  { place: 'activity', word: 'Activity', icon: History },
  { place: 'recovery', word: 'Recovery', icon: LifeBuoy },
  { place: 'health', word: 'Health', icon: HeartPulse },
  { place: 'settings', word: 'Settings', icon: SlidersHorizontal },
];

/** The open vault's state is looked at this often, in milliseconds. */
const LOOK_EVERY = 5_000;

/** The open vault: places on the left, one of them in the middle, the inspector on the right. */
export function Workbench({ status }: { readonly status: WindowStatus }) {
  const { place, chosen } = useView();
  // A command may change it, in a terminal beside the window; and the disk may fill up.
  useEffect(() => watchStatus(LOOK_EVERY), []);
  return (
    <KeysProvider>
      <div className="frame">
        <Sidebar status={status} />
        <div className={`work ${chosen === null ? '' : 'inspecting'}`}>
          <main className="page" aria-label={PLACES.find((item) => item.place === place)?.word}>
            {place === 'files' ? <FilesPlace /> : null}
            {place === 'keys' ? <KeysPlace /> : null}
            {place === 'activity' ? <Activity /> : null}
            {place === 'recovery' ? <RecoveryPlace status={status} /> : null}
            {place === 'health' ? <HealthPlace status={status} /> : null}
            {place === 'settings' ? <SettingsPlace status={status} /> : null}
          </main>
          {chosen === null ? null : <ItemInspector chosen={chosen} />}
        </div>
      </div>
      <PendingDrops />
    </KeysProvider>
  );
}

function Sidebar({ status }: { readonly status: WindowStatus }) {
  const { place, go } = useView();
  const running = useJobs().filter(({ state }) => state === 'running').length;
  return (
    <header className="sidebar">
      <div className="mark">
        <Logo />
        Keyward
      </div>
      <nav aria-label="Places">
        <ul>
          {PLACES.map(({ place: to, word, icon: Icon }) => (
            <li key={to}>
              <button
                type="button"
                className="place"
                aria-current={place === to ? 'page' : undefined}
                onClick={() => go(to)}
              >
                <Icon size={16} aria-hidden />
                {word}
                {to === 'files' && running > 0 ? (
                  <span className="count numbers">
                    {running}
                    <span className="hidden"> running</span>
                  </span>
                ) : null}
              </button>
            </li>
          ))}
        </ul>
      </nav>
      <div className="corner">
        <BackupIndicator status={status} />
        <EndpointIndicator endpoint={status.endpoint} />
        <RoleIndicator role={status.owner?.role} />
        <LockButton running={running} />
      </div>
    </header>
  );
}

function LockButton({ running }: { readonly running: number }) {
  const [asking, setAsking] = useState(false);
  const lock = () => ask('vault.lock', {});
  return (
    <>
      <button type="button" className="place" onClick={() => (running > 0 ? setAsking(true) : lock())}>
        <LockKeyholeOpen size={16} aria-hidden />
        Lock
      </button>
      {asking ? (
        <Confirm
          title={`Lock while ${countText(running, 'job')} ${running === 1 ? 'is' : 'are'} running?`}
          does="Lock"
          leaves="Keep running"
          look="main"
          onDo={lock}
          onClose={() => setAsking(false)}
        >
          <p>
            What is running waits, and goes on when the vault is unlocked. Originals stay as they are;
            unfinished copies are removed.
          </p>
        </Confirm>
      ) : null}
    </>
  );
}
