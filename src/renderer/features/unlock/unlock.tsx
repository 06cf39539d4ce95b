import { useRef, useState } from 'react';
import type { BridgeInput, WindowStatus } from '../../../shared/bridge.ts';
import { isKeywardError } from '../../../shared/errors.ts';
import { ask, takeSecret } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Check } from '../../components/check.tsx';
import { EntryPage } from '../../components/entry-page.tsx';
import { ErrorNote, Note } from '../../components/note.tsx';
import { PhraseField } from '../../components/phrase-field.tsx';
import { SecretField, useShown } from '../../components/secret-field.tsx';
import { useShares } from '../../components/shares-field.tsx';
import { usePendingDrops } from '../../data/jobs.ts';
import { keepCredential } from '../../data/kept-credential.ts';
import { useAction } from '../../data/query.ts';
import { loadStatus, setStatus } from '../../data/status.ts';
import { errorText } from '../../text/errors.ts';
import { pendingDropsText } from '../files/pending-drops-text.ts';
import { SeriousFindings } from '../findings/findings.tsx';
import { shownKinds } from '../recovery/owner-form.tsx';
import { RotationNote } from '../recovery/rotation-note.tsx';
import { Repair } from '../repair/repair.tsx';
import { type Offer, OfferPassphrase, OfferPhrase, offerAfter } from './offers.tsx';
import { type PutBack, PutBackNote, putBackOf } from './put-back.tsx';

type Way = 'passphrase' | 'recovery-phrase' | 'shares';

const WAYS: readonly { readonly to: Way; readonly word: string }[] = [
  { to: 'passphrase', word: 'Use the passphrase' },
  { to: 'recovery-phrase', word: 'Use the recovery phrase' },
  { to: 'shares', word: 'Use shares' },
];

/** The locked vault: passphrase, keychain, recovery phrase or shares, and what is offered behind it. */
export function Unlock({ status }: { readonly status: WindowStatus }) {
  const [repairing, setRepairing] = useState(status.toRepair === true);
  const [offer, setOffer] = useState<Offer>();
  const has = (kind: string) => status.protectors?.some((one) => one.kind === kind) === true;
  if (repairing) {
    const leave = async () => {
      await ask('repair.leave', {});
      setRepairing(false);
      await loadStatus();
    };
    return <Repair status={status} onLeave={() => void leave()} />;
  }
  if (offer === 'passphrase') return <OfferPassphrase has={has('passphrase')} />;
  if (offer === 'phrase') return <OfferPhrase has={has('recovery-phrase')} by={shownKinds(status)} />;
  return <UnlockForm status={status} onOffer={setOffer} onRepair={() => setRepairing(true)} />;
}

type Props = {
  readonly status: WindowStatus;
  readonly onOffer: (offer: Offer) => void;
  readonly onRepair: () => void;
};

function UnlockForm({ status, onOffer, onRepair }: Props) {
  const kinds = status.protectors?.map(({ kind }) => kind) ?? ['passphrase', 'recovery-phrase'];
  const [way, setWay] = useState<Way>(kinds.includes('passphrase') ? 'passphrase' : 'recovery-phrase');
  const field = useRef<HTMLInputElement>(null);
  const phrase = useRef<HTMLTextAreaElement>(null);
  const [shown, toggle] = useShown();
  const { field: sharesField, give } = useShares();
  const [readToken, setReadToken] = useState<string>();
  const { busy, error, run, clear } = useAction();
  const putBack = putBackOf(error);
  const [known, setKnown] = useState<PutBack>();
  const older = putBack ?? known;
  // What was read is this and nothing else: other signs are to be read anew.
  const read = older !== undefined && readToken === older.token;
  const isDamaged = status.damaged !== undefined;
  const [unlogged, setUnlogged] = useState(false);
  const [asksUnlogged, setAsksUnlogged] = useState(false);
  const waits = pendingDropsText(usePendingDrops().files);

  const open = async (how: BridgeInput<'vault.unlock'>) => {
    if (older !== undefined) setKnown(older);
    const token = read ? { putBackRead: older.token } : {};
    const opened = await run(async () => {
      const next = await ask('vault.unlock', { ...how, ...token }).catch((error: unknown) => {
        // Nothing of a rescue is logged; where that is not to be, it takes the owner's word.
        if (isKeywardError(error, 'AuditUnwritable')) setAsksUnlogged(true);
        throw error;
      });
      const offered = offerAfter(how.kind, next);
      if (offered === undefined) return setStatus(next);
      if (how.kind === 'passphrase' || how.kind === 'recovery-phrase')
        keepCredential({ kind: how.kind, secret: new Uint8Array(how.secret) });
      onOffer(offered);
    });
    if ('secret' in how) how.secret.fill(0);
    if (!opened) (field.current ?? phrase.current)?.focus();
    return opened;
  };
  const turnTo = (to: Way) => {
    if (older !== undefined) setKnown(older);
    clear();
    setWay(to);
  };
  const submit = async () => {
    const said = unlogged ? { withoutAudit: true as const } : {};
    if (way === 'shares') {
      if (!busy) await open({ kind: way, ...give(), ...said });
      return;
    }
    const typed = way === 'passphrase' ? field.current : phrase.current;
    if (typed === null || busy) return;
    // For one word that is misspelt nobody should have to type 24 anew.
    const kept = way === 'passphrase' ? '' : typed.value;
    if (!(await open({ kind: way, secret: takeSecret(typed), ...said }))) typed.value = kept;
  };

  return (
    <EntryPage title={isDamaged ? 'Open your vault for rescue' : 'Unlock your vault'}>
      {waits === '' ? null : <Note>{waits} It begins when the vault is open.</Note>}
      {status.damaged === undefined ? null : (
        <Note tone="warn">
          <p>
            This vault is damaged. With the passphrase or the recovery phrase it opens all the same, to
            decrypt your files; nothing is changed in it. {errorText({ message: status.damaged })}
          </p>
          <div className="actions">
            <Button look="compact" onPress={onRepair}>
              Repair it instead…
            </Button>
          </div>
        </Note>
      )}
      <RotationNote of={status.rotation} />
      <SeriousFindings findings={status.findings} />
      {status.throwAway ? (
        <Note
          actions={
            <Button busy={busy} onPress={() => open({ kind: 'throw-away' })}>
              Open it without
            </Button>
          }
        >
          This vault was made to look around in. Its passphrase stands in a file beside it, so it protects
          nothing.
        </Note>
      ) : null}
      {kinds.includes('keychain') && !isDamaged ? (
        <>
          <Button look="wide" busy={busy} onPress={() => open({ kind: 'keychain' })}>
            Unlock with this computer’s keychain
          </Button>
          <p className="small soft">or</p>
        </>
      ) : null}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {way === 'passphrase' ? <SecretField label="Passphrase" field={field} focus shown={shown} /> : null}
        {way === 'recovery-phrase' ? <PhraseField field={phrase} focus /> : null}
        {way === 'shares' ? sharesField : null}
        {older === undefined ? null : (
          <PutBackNote
            of={older}
            read={read}
            onRead={(isRead) => setReadToken(isRead ? older.token : undefined)}
          />
        )}
        <ErrorNote error={putBack === undefined ? error : undefined} />
        {asksUnlogged ? (
          <Check
            label="Open it for rescue, with nothing in the log"
            about="What you decrypt then is written down nowhere."
            checked={unlogged}
            onChange={setUnlogged}
          />
        ) : null}
        <Button submit look="main wide" busy={busy}>
          {busy
            ? 'Unlocking…'
            : isDamaged
              ? 'Open for rescue'
              : read
                ? 'Go on with the older copy'
                : 'Unlock'}
        </Button>
        <div className="actions">
          {way === 'passphrase' ? toggle : null}
          {WAYS.filter(({ to }) => to !== way && (to === 'recovery-phrase' || kinds.includes(to))).map(
            ({ to, word }) => (
              <Button key={to} look="plain compact" busy={busy} onPress={() => turnTo(to)}>
                {word}
              </Button>
            ),
          )}
        </div>
      </form>
    </EntryPage>
  );
}
