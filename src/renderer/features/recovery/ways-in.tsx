import { KeyRound, Laptop, type LucideIcon, ScrollText, Users } from 'lucide-react';
import { useState } from 'react';
import type { WindowStatus } from '../../../shared/bridge.ts';
import { Button } from '../../components/button.tsx';
import { Note } from '../../components/note.tsx';
import { day } from '../../text/format.ts';
import { ownValue } from '../../text/own-property.ts';
import { ChangePassphrase } from './change-passphrase.tsx';

const WAYS: { readonly [kind: string]: { readonly word: string; readonly icon: LucideIcon } } = {
  passphrase: { word: 'Passphrase', icon: KeyRound },
  keychain: { word: 'This computer’s keychain', icon: Laptop },
  shares: { word: 'Shares', icon: Users },
  'recovery-phrase': { word: 'Recovery phrase', icon: ScrollText },
};

/** The ways to unlock, and the way to another passphrase. */
export function WaysIn({ status }: { readonly status: WindowStatus }) {
  const [state, setState] = useState<'quiet' | 'asking' | 'changed'>('quiet');
  const has = status.protectors?.some(({ kind }) => kind === 'passphrase') ?? false;
  return (
    <section>
      <h2 id="ways">Ways in</h2>
      <p className="soft">Each of them opens the vault alone. Backups open with the recovery phrase only.</p>
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
      {state === 'changed' ? <Note>The new passphrase was tried and opens the vault.</Note> : null}
      {status.rescue === true ? null : (
        <div className="actions">
          <Button onPress={() => setState('asking')}>
            {has ? 'Change the passphrase…' : 'Set a passphrase…'}
          </Button>
        </div>
      )}
      {state === 'asking' ? (
        <ChangePassphrase has={has} onClose={() => setState('quiet')} onChanged={() => setState('changed')} />
      ) : null}
    </section>
  );
}
