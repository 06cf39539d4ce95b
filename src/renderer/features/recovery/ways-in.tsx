import { KeyRound, Laptop, type LucideIcon, ScrollText, Users } from 'lucide-react';
import { useState } from 'react';
import type { WindowStatus } from '../../../shared/bridge.ts';
import { Button } from '../../components/button.tsx';
import { Note } from '../../components/note.tsx';
import { announce } from '../../data/jobs.ts';
import { loadStatus } from '../../data/status.ts';
import { capital, day } from '../../text/format.ts';
import { ownValue } from '../../text/own-property.ts';
import { wayWord } from '../../text/ways.ts';
import { ChangePassphrase } from './change-passphrase.tsx';
import { type ShownKind, shownKinds } from './owner-form.tsx';
import { AddKeychain, RemoveWay, RevokeWay, RotateRoot, SetPhraseDialog } from './way-dialogs.tsx';

const ICONS: { readonly [kind: string]: LucideIcon } = {
  passphrase: KeyRound,
  keychain: Laptop,
  'recovery-phrase': ScrollText,
  shares: Users,
};

const KINDS = ['passphrase', 'recovery-phrase', 'keychain', 'shares'] as const;
type Kind = (typeof KINDS)[number];

/** What is being asked about the ways in. */
type Asking = { readonly what: 'set' | 'remove' | 'revoke'; readonly kind: Kind } | { readonly what: 'root' };

/** The ways to unlock, each with what can be done about it. */
export function WaysIn({ status }: { readonly status: WindowStatus }) {
  const [asking, setAsking] = useState<Asking>();
  const [said, setSaid] = useState<string>();
  const kinds = status.protectors?.map(({ kind }) => kind) ?? [];
  const has = (kind: Kind) => kinds.includes(kind);
  const isFixed = status.rescue === true;
  const missing = (['passphrase', 'recovery-phrase', 'keychain'] as const).filter((kind) => !has(kind));
  const ask = (next: Asking) => {
    setSaid(undefined);
    setAsking(next);
  };
  return (
    <section>
      <h2 id="ways">Ways in</h2>
      <p className="soft">
        Each of them opens the vault alone. Of passphrase and recovery phrase one always stays. Backups open
        with the recovery phrase{kinds.includes('shares') ? ' or with shares' : ''} only.
      </p>
      <ul className="ways">
        {status.protectors?.map(({ id, kind, createdAt }) => {
          const Icon = ownValue(ICONS, kind) ?? KeyRound;
          const known = KINDS.find((one) => one === kind);
          return (
            <li key={id}>
              <Icon size={16} aria-hidden />
              <span>
                {capital(wayWord(kind))} <span className="soft">since {day(createdAt)}</span>
              </span>
              {known === undefined || isFixed ? null : (
                <WayActions kind={known} has={has} throwAway={status.throwAway === true} ask={ask} />
              )}
            </li>
          );
        })}
      </ul>
      {said === undefined ? null : <Note>{said}</Note>}
      {isFixed ? null : (
        <div className="actions">
          {missing.map((kind) => (
            <Button key={kind} onPress={() => ask({ what: 'set', kind })}>
              {ADD[kind]}
            </Button>
          ))}
          {status.throwAway === true ? null : (
            <Button look="plain" onPress={() => ask({ what: 'root' })}>
              New root key…
            </Button>
          )}
        </div>
      )}
      <Asked
        of={asking}
        by={shownKinds(status)}
        has={has}
        onClose={() => setAsking(undefined)}
        onDone={(text) => {
          setAsking(undefined);
          setSaid(text);
          announce(text);
          void loadStatus();
        }}
      />
    </section>
  );
}

const ADD = {
  passphrase: 'Set a passphrase…',
  'recovery-phrase': 'Add a recovery phrase…',
  keychain: 'Add this computer’s keychain…',
} as const;

type ActionProps = {
  readonly kind: Kind;
  readonly has: (kind: Kind) => boolean;
  readonly throwAway: boolean;
  readonly ask: (next: Asking) => void;
};

/** What can be done about one way in. The last one that does not hang on this computer can't be removed. */
function WayActions({ kind, has, throwAway, ask }: ActionProps) {
  const word = wayWord(kind);
  const removable =
    kind === 'keychain' ||
    (kind !== 'shares' && has(kind === 'passphrase' ? 'recovery-phrase' : 'passphrase'));
  const mayRevoke = !throwAway && (kind === 'recovery-phrase' || has('recovery-phrase'));
  return (
    <span className="actions">
      {kind === 'passphrase' || kind === 'recovery-phrase' ? (
        <Button look="compact" onPress={() => ask({ what: 'set', kind })}>
          {kind === 'passphrase' ? 'Change the passphrase…' : 'Replace it…'}
          {kind === 'passphrase' ? null : <span className="hidden"> ({word})</span>}
        </Button>
      ) : null}
      {removable ? (
        <Button look="plain compact" onPress={() => ask({ what: 'remove', kind })}>
          Remove…<span className="hidden"> ({word})</span>
        </Button>
      ) : null}
      {mayRevoke ? (
        <Button look="plain compact" onPress={() => ask({ what: 'revoke', kind })}>
          It has leaked…<span className="hidden"> ({word})</span>
        </Button>
      ) : null}
    </span>
  );
}

type AskedProps = {
  readonly of: Asking | undefined;
  readonly by: readonly ShownKind[];
  readonly has: (kind: Kind) => boolean;
  readonly onClose: () => void;
  readonly onDone: (said: string) => void;
};

function Asked({ of: asking, by, has, onClose, onDone }: AskedProps) {
  if (asking === undefined) return null;
  const dialog = { by, onClose, onDone };
  if (asking.what === 'root') return <RotateRoot {...dialog} />;
  const { what, kind } = asking;
  if (what === 'revoke') return <RevokeWay {...dialog} kind={kind} />;
  if (kind === 'shares') return null;
  if (what === 'remove') return <RemoveWay {...dialog} kind={kind} />;
  if (kind === 'keychain') return <AddKeychain {...dialog} />;
  if (kind === 'recovery-phrase') return <SetPhraseDialog {...dialog} has={has(kind)} />;
  return (
    <ChangePassphrase
      has={has(kind)}
      onClose={onClose}
      onChanged={() => onDone('The new passphrase was tried and opens the vault.')}
    />
  );
}
