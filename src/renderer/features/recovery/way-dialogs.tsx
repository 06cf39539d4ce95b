import { useState } from 'react';
import type { BridgeInput } from '../../../shared/bridge.ts';
import { ask } from '../../bridge.ts';
import { Dialog } from '../../components/dialog.tsx';
import { WorkBar } from '../../components/work-bar.tsx';
import { wayWord } from '../../text/ways.ts';
import { NewPhrase } from './new-phrase.tsx';
import { OwnerForm, type ShownKind } from './owner-form.tsx';

type Kind = BridgeInput<'ways.revoke'>['kind'];
type Removable = BridgeInput<'ways.remove'>['kind'];

type Props = {
  /** What the owner may be recognised by. */
  readonly by: readonly ShownKind[];
  readonly onClose: () => void;
  /** It is done; what is said of it. */
  readonly onDone: (said: string) => void;
};

/** Takes a way in away, by another one that stays. */
export function RemoveWay({ kind, by, onClose, onDone }: Props & { readonly kind: Removable }) {
  return (
    <Dialog title={`Remove the ${wayWord(kind)}?`} onClose={onClose}>
      <p>The vault then opens without it no more. Show what stays, so that it is known to open.</p>
      <p className="soft">
        Copies of the vault {kind === 'recovery-phrase' ? 'and backups ' : ''}made before still open with it.
        If it has leaked, choose “It has leaked” instead.
      </p>
      <OwnerForm
        by={by.filter((one) => one !== kind)}
        does="Remove it"
        doing="Removing it…"
        look="danger"
        onClose={onClose}
        onDo={async (shown) => {
          await ask('ways.remove', { kind, shown });
          onDone(`The ${wayWord(kind)} is no way in any more.`);
        }}
      />
    </Dialog>
  );
}

/** Has this computer's keychain open the vault. */
export function AddKeychain({ by, onClose, onDone }: Props) {
  return (
    <Dialog title="Unlock with this computer’s keychain" onClose={onClose}>
      <p>
        Nothing is to be typed then while you are logged in on this computer. The other ways stay as they are.
      </p>
      <OwnerForm
        by={by}
        does="Add it"
        doing="Asking the keychain…"
        onClose={onClose}
        onDo={async (shown) => {
          await ask('ways.setKeychain', { shown });
          onDone('The keychain was tried and opens the vault.');
        }}
      />
    </Dialog>
  );
}

/** A new recovery phrase, in place of the one that there is, if there is one. */
export function SetPhraseDialog({ has, by, onClose, onDone }: Props & { readonly has: boolean }) {
  const [step, setStep] = useState<'words' | 'who'>('words');
  return (
    <Dialog title={has ? 'Replace the recovery phrase' : 'A recovery phrase'} onClose={onClose} broad>
      {step === 'words' ? (
        <NewPhrase
          about={
            <p className="text">
              {has
                ? 'You get 24 new words, shown this once. When you have written them down, they take the place of the old ones. Backups made before still open with the old words: keep that paper with them, or destroy both.'
                : 'You get 24 words, shown this once. On paper, away from this computer, they open the vault and its backups when all else is lost.'}
            </p>
          }
          does="Make the words"
          leaves="Cancel"
          onLeave={onClose}
          onConfirmed={() => setStep('who')}
        />
      ) : (
        <>
          <p>The words are on paper. Say once more who you are, and they count from here on.</p>
          <OwnerForm
            by={by}
            does="Use the new words"
            doing="Trying them…"
            onClose={onClose}
            onDo={async (shown) => {
              await ask('ways.setPhrase', { shown });
              onDone('The new recovery phrase was tried and opens the vault.');
            }}
          />
        </>
      )}
    </Dialog>
  );
}

/** After a leak: what is done, what that does not reach, and the way to it. */
export function RevokeWay({ kind, by, onClose }: Omit<Props, 'onDone'> & { readonly kind: Kind }) {
  const [step, setStep] = useState<'about' | 'who'>('about');
  const isPhrase = kind === 'recovery-phrase';
  return (
    <Dialog title={`The ${wayWord(kind)} has leaked`} onClose={onClose} broad>
      {step === 'about' && isPhrase ? (
        <NewPhrase
          about={<WhatRevokingDoes kind={kind} />}
          does="Make new words"
          leaves="Cancel"
          onLeave={onClose}
          onConfirmed={() => setStep('who')}
        />
      ) : (
        <>
          {isPhrase ? (
            <p>The new words are on paper. Say once more who you are.</p>
          ) : (
            <WhatRevokingDoes kind={kind} />
          )}
          <RevokeForm kind={kind} by={isPhrase ? by : ['recovery-phrase']} onClose={onClose} />
        </>
      )}
    </Dialog>
  );
}

function WhatRevokingDoes({ kind }: { readonly kind: Kind }) {
  return (
    <div className="stack">
      <p>
        The vault gets a new root key, a new {kind === 'recovery-phrase' ? 'recovery phrase' : 'way in'}, and
        a new version of every key. Backups in the folders that are there are made anew, and the old ones in
        them removed. Then it is locked.
      </p>
      <p>
        <strong>What that can’t do:</strong> whoever has what leaked, and a copy of the vault or a backup made
        before, can still open that copy, and every file that was encrypted until now. Destroy old copies that
        you can reach, and encrypt anew what matters.
      </p>
    </div>
  );
}

function RevokeForm({ kind, by, onClose }: Omit<Props, 'onDone'> & { readonly kind: Kind }) {
  return (
    <OwnerForm
      by={by}
      renews={kind === 'passphrase'}
      does="Revoke it and lock"
      doing="Revoking it…"
      look="danger"
      progress={<WorkBar work="root" label="The vault gets a new root key" />}
      onClose={onClose}
      onDo={(shown, passphrase) =>
        ask('ways.revoke', { kind, shown, ...(passphrase === undefined ? {} : { passphrase }) })
      }
    />
  );
}

/** A new root key without a leak. */
export function RotateRoot({ by, onClose }: Omit<Props, 'onDone'>) {
  return (
    <Dialog title="A new root key" onClose={onClose} broad>
      <p>
        Everything in the vault is wrapped anew under a new root key, and backups in the folders that are
        there are made anew; those that can’t be reached are listed afterwards. Then the vault is locked.
        Files stay as they are.
      </p>
      <p className="soft">
        If there is a passphrase, show that: one that is not at hand ends with the old root key, and is set
        anew afterwards. Copies of the vault and backups made before still open as they did.
      </p>
      <OwnerForm
        by={by}
        does="Make a new root key"
        doing="Wrapping everything anew…"
        progress={<WorkBar work="root" label="The vault gets a new root key" />}
        onClose={onClose}
        onDo={(shown) => ask('ways.rotateRoot', { shown })}
      />
    </Dialog>
  );
}
