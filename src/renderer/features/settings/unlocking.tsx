import { KeyRound, Laptop, type LucideIcon, ScrollText } from 'lucide-react';
import { useState } from 'react';
import type { WindowStatus } from '../../../shared/bridge.ts';
import type { Settings } from '../../../shared/contract.ts';
import { countText } from '../../../shared/measures.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNote, Note } from '../../components/note.tsx';
import { day } from '../../text/format.ts';
import { ownValue } from '../../text/own-property.ts';
import { ChangePassphrase } from './change-passphrase.tsx';
import { useSetting } from './setting.ts';

const WAYS: { readonly [kind: string]: { readonly word: string; readonly icon: LucideIcon } } = {
  passphrase: { word: 'Passphrase', icon: KeyRound },
  keychain: { word: 'This computer’s keychain', icon: Laptop },
  'recovery-phrase': { word: 'Recovery phrase', icon: ScrollText },
};

const MINUTES = [5, 15, 30, 60, 240, 0];

type Props = {
  readonly status: WindowStatus;
  readonly settings: Settings;
};

/** The ways to unlock, and when the vault locks by itself. */
export function Unlocking({ status, settings }: Props) {
  const { error, set } = useSetting('idle-minutes');
  const idle = settings['idle-minutes'];
  const choices = MINUTES.includes(idle) ? MINUTES : [idle, ...MINUTES];
  return (
    <section>
      <h2>Unlocking</h2>
      <ul className="ways">
        {status.protectors?.map(({ id, kind, createdAt }) => {
          const { word, icon: Icon } = ownValue(WAYS, kind) ?? { word: kind, icon: KeyRound };
          return (
            <li key={id}>
              <Icon size={16} aria-hidden />
              {word}
              <span className="soft">since {day(createdAt)}</span>
            </li>
          );
        })}
      </ul>
      <Passphrase has={status.protectors?.some(({ kind }) => kind === 'passphrase') ?? false} />
      <div className="setting">
        <div>
          <label htmlFor="idle">Lock when Keyward is not used</label>
          <p className="small soft">
            It also locks with the screen and when the computer sleeps. Running jobs are finished first.
          </p>
        </div>
        <select id="idle" className="select" value={idle} onChange={(event) => set(event.target.value)}>
          {choices.map((minutes) => (
            <option key={minutes} value={minutes}>
              {minutes === 0
                ? 'Never'
                : `for ${minutes < 60 ? countText(minutes, 'minute') : countText(minutes / 60, 'hour')}`}
            </option>
          ))}
        </select>
      </div>
      <ErrorNote error={error} />
    </section>
  );
}

/** The way to another passphrase. */
function Passphrase({ has }: { readonly has: boolean }) {
  const [state, setState] = useState<'quiet' | 'asking' | 'changed'>('quiet');
  return (
    <>
      {state === 'changed' ? <Note>The new passphrase was tried and opens the vault.</Note> : null}
      <div className="actions">
        <Button onPress={() => setState('asking')}>
          {has ? 'Change the passphrase…' : 'Set a passphrase…'}
        </Button>
      </div>
      {state === 'asking' ? (
        <ChangePassphrase has={has} onClose={() => setState('quiet')} onChanged={() => setState('changed')} />
      ) : null}
    </>
  );
}
