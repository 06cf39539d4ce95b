import { useState } from 'react';
import type { BridgeInput, WindowStatus } from '../../../shared/bridge.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { EntryPage } from '../../components/entry-page.tsx';
import { useNewPassphrase } from '../../components/new-passphrase.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { useShown } from '../../components/secret-field.tsx';
import { forgetCredential, keptCredential } from '../../data/kept-credential.ts';
import { useAction } from '../../data/query.ts';
import { loadStatus } from '../../data/status.ts';
import { NewPhrase } from '../recovery/new-phrase.tsx';
import { OwnerForm, type ShownKind } from '../recovery/owner-form.tsx';

/** What somebody who has just unlocked the vault is offered, before they go on. */
export type Offer = 'passphrase' | 'phrase';

/** What to offer to whoever came in this way; undefined: nothing. */
export function offerAfter(
  kind: BridgeInput<'vault.unlock'>['kind'],
  { rescue, throwAway, protectors, findings }: WindowStatus,
): Offer | undefined {
  if (rescue === true || throwAway === true || kind === 'throw-away') return undefined;
  if (kind === 'recovery-phrase') return 'passphrase';
  const hasPhrase = protectors?.some((one) => one.kind === 'recovery-phrase') ?? false;
  const knowsOne = findings?.every((one) => one.kind !== 'NoBackupPossible') ?? true;
  return hasPhrase && knowsOne ? undefined : 'phrase';
}

/** Leaves an offer, taken or not, for the open vault. */
async function goOn(): Promise<void> {
  forgetCredential();
  await loadStatus();
}

/** After the recovery phrase: a new passphrase, for one that was forgotten. */
export function OfferPassphrase({ has }: { readonly has: boolean }) {
  const [shown, toggle] = useShown();
  const { fields, take, giveBack } = useNewPassphrase('New passphrase', shown, true);
  const { busy, error, run } = useAction();
  const set = async () => {
    const passphrase = await take();
    const credential = keptCredential();
    if (passphrase === undefined || credential === undefined) return;
    const done = await run(async () => {
      await ask('vault.changePassphrase', { shown: credential, passphrase });
      await goOn();
    });
    if (!done) giveBack(passphrase);
    passphrase.fill(0);
    credential.secret.fill(0);
  };
  return (
    <EntryPage title={has ? 'Choose a new passphrase?' : 'Choose a passphrase?'} corner="Unlocked">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) set();
        }}
      >
        <p className="text">
          The recovery phrase has opened your vault.{' '}
          {has
            ? 'If you have forgotten the passphrase, choose another one now. The phrase stays as it is.'
            : 'With a passphrase you need not fetch the paper each time. The phrase stays as it is.'}
        </p>
        {fields}
        <ErrorNote error={error} />
        <Button submit look="main wide" busy={busy}>
          {busy ? 'Setting it…' : 'Set it and open the vault'}
        </Button>
        <div className="actions">
          {toggle}
          <Button look="plain" busy={busy} onPress={() => void goOn()}>
            {has ? 'Keep the old one' : 'Not now'}
          </Button>
        </div>
      </form>
    </EntryPage>
  );
}

/** In a vault that knows no recovery phrase: a new one, without which there are no backups. */
export function OfferPhrase({ has, by }: { readonly has: boolean; readonly by: readonly ShownKind[] }) {
  const [step, setStep] = useState<'words' | 'who'>('words');
  if (step === 'who') return <SetPhrase by={by} />;
  return (
    <EntryPage
      title={has ? 'Your backups need a recovery phrase' : 'This vault has no recovery phrase'}
      corner="Unlocked"
      broad
    >
      <NewPhrase
        about={
          <p className="text">
            {has
              ? 'The vault has a recovery phrase, and has never been opened by it, so it can’t make backups for it. Unlock it once by the phrase, or have a new one made now; the old one then no longer opens this vault.'
              : 'Without one there is no backup, and a passphrase that is forgotten closes the vault for good. It is 24 words on paper, and takes a minute.'}
          </p>
        }
        does="Make a recovery phrase"
        leaves="Not now"
        onLeave={() => void goOn()}
        onConfirmed={() => setStep('who')}
      />
    </EntryPage>
  );
}

/** Has the new words open the vault, by what has just unlocked it, or by what is shown where that was not kept. */
function SetPhrase({ by }: { readonly by: readonly ShownKind[] }) {
  const { busy, error, run } = useAction();
  const [isKept] = useState(() => {
    const kept = keptCredential();
    kept?.secret.fill(0);
    return kept !== undefined;
  });
  const set = async (shown: BridgeInput<'vault.stepUp'>) => {
    await ask('ways.setPhrase', { shown });
    await goOn();
  };
  const setByKept = async () => {
    const credential = keptCredential();
    if (credential === undefined) return;
    await run(() => set(credential));
    credential.secret.fill(0);
  };
  return (
    <EntryPage title="Have the new words open the vault" corner="Unlocked">
      <p className="text">The words are on paper now. From here on they open the vault, and its backups.</p>
      {isKept ? (
        <>
          <ErrorNote error={error} />
          <Button look="main wide" busy={busy} onPress={setByKept}>
            {busy ? TRYING : USE}
          </Button>
          <div className="actions">
            <Button look="plain" busy={busy} onPress={() => void goOn()}>
              {NOT_NOW}
            </Button>
          </div>
        </>
      ) : (
        <OwnerForm
          by={by}
          does={USE}
          doing={TRYING}
          leaves={NOT_NOW}
          onDo={set}
          onClose={() => void goOn()}
        />
      )}
    </EntryPage>
  );
}

const USE = 'Use them from now on';
const TRYING = 'Trying them…';
const NOT_NOW = 'Not now: throw the paper away';
