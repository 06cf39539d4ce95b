import { useRef, useState } from 'react';
import type { BridgeInput, WindowStatus } from '../../../shared/bridge.ts';
import { isKeywardError } from '../../../shared/errors.ts';
import { ask, takeSecret } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Check } from '../../components/check.tsx';
import { EntryPage } from '../../components/entry-page.tsx';
import { useNewPassphrase } from '../../components/new-passphrase.tsx';
import { ErrorNote, Note } from '../../components/note.tsx';
import { PhraseField } from '../../components/phrase-field.tsx';
import { SecretField, useShown } from '../../components/secret-field.tsx';
import { useShares } from '../../components/shares-field.tsx';
import { usePendingDrops } from '../../data/jobs.ts';
import { useAction } from '../../data/query.ts';
import { setStatus } from '../../data/status.ts';
import { errorText } from '../../text/errors.ts';
import { pendingDropsText } from '../files/pending-drops-text.ts';
import { SeriousFindings } from '../findings/findings.tsx';

type Way = 'passphrase' | 'recovery-phrase' | 'shares';

const WAYS: readonly { readonly to: Way; readonly word: string }[] = [
  { to: 'passphrase', word: 'Use the passphrase' },
  { to: 'recovery-phrase', word: 'Use the recovery phrase' },
  { to: 'shares', word: 'Use shares' },
];

/** The locked vault: passphrase, keychain, recovery phrase or shares. */
export function Unlock({ status }: { readonly status: WindowStatus }) {
  const kinds = status.protectors?.map(({ kind }) => kind) ?? ['passphrase', 'recovery-phrase'];
  const [way, setWay] = useState<Way>(kinds.includes('passphrase') ? 'passphrase' : 'recovery-phrase');
  const field = useRef<HTMLInputElement>(null);
  const phrase = useRef<HTMLTextAreaElement>(null);
  const [shown, toggle] = useShown();
  const [renewing, setRenewing] = useState(false);
  const { fields, take } = useNewPassphrase('New passphrase', shown);
  const { field: sharesField, give } = useShares();
  const { busy, error, run } = useAction();
  const isDamaged = status.damaged !== undefined;
  const [unlogged, setUnlogged] = useState(false);
  const [asksUnlogged, setAsksUnlogged] = useState(false);
  const waits = pendingDropsText(usePendingDrops().files);

  const open = async (how: BridgeInput<'vault.unlock'>) => {
    const opened = await run(async () => {
      try {
        setStatus(await ask('vault.unlock', how));
      } catch (error) {
        // Nothing of a rescue is logged; where that is not to be, it takes the owner's word.
        if (isKeywardError(error, 'AuditUnwritable')) setAsksUnlogged(true);
        throw error;
      }
    });
    if (!opened) (field.current ?? phrase.current)?.focus();
    return opened;
  };
  /** The phrase opens the vault, and then says once more who asks for another passphrase. */
  const openAndRenew = async (typed: HTMLInputElement | HTMLTextAreaElement) => {
    const kept = typed.value;
    const passphrase = await take();
    if (passphrase === undefined) return;
    const secret = takeSecret(typed);
    const opened = await run(async () => {
      await ask('vault.unlock', { kind: 'recovery-phrase', secret });
      setStatus(
        await ask('vault.changePassphrase', { shown: { kind: 'recovery-phrase', secret }, passphrase }),
      );
    });
    secret.fill(0);
    passphrase.fill(0);
    if (!opened) typed.value = kept;
  };
  const submit = async () => {
    const said = unlogged ? { withoutAudit: true as const } : {};
    if (way === 'shares') {
      if (!busy) await open({ kind: way, ...give(), ...said });
      return;
    }
    const typed = way === 'passphrase' ? field.current : phrase.current;
    if (typed === null || busy) return;
    if (way === 'recovery-phrase' && renewing) return openAndRenew(typed);
    // For one word that is misspelt nobody should have to type 24 anew.
    const kept = way === 'passphrase' ? '' : typed.value;
    if (!(await open({ kind: way, secret: takeSecret(typed), ...said }))) typed.value = kept;
  };

  return (
    <EntryPage title={isDamaged ? 'Open your vault for rescue' : 'Unlock your vault'}>
      {waits === '' ? null : <Note>{waits} It begins when the vault is open.</Note>}
      {status.damaged === undefined ? null : (
        <Note tone="warn">
          This vault is damaged. With the passphrase or the recovery phrase it opens all the same, to decrypt
          your files; nothing is changed in it. {errorText({ message: status.damaged })}
        </Note>
      )}
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
        {way === 'recovery-phrase' && !isDamaged ? (
          <>
            <Check
              label="Set a new passphrase"
              about="If you have forgotten yours. The phrase still works."
              checked={renewing}
              onChange={setRenewing}
            />
            {renewing ? fields : null}
          </>
        ) : null}
        <ErrorNote error={error} />
        {asksUnlogged ? (
          <Check
            label="Open it for rescue, with nothing in the log"
            about="What you decrypt then is written down nowhere."
            checked={unlogged}
            onChange={setUnlogged}
          />
        ) : null}
        <Button submit look="main wide" busy={busy}>
          {busy ? 'Unlocking…' : isDamaged ? 'Open for rescue' : 'Unlock'}
        </Button>
        <div className="actions">
          {way === 'passphrase' || renewing ? toggle : null}
          {WAYS.filter(({ to }) => to !== way && (to === 'recovery-phrase' || kinds.includes(to))).map(
            ({ to, word }) => (
              <Button key={to} look="plain compact" onPress={() => setWay(to)}>
                {word}
              </Button>
            ),
          )}
        </div>
      </form>
    </EntryPage>
  );
}
