import { useRef, useState } from 'react';
import type { BridgeOutput, RestoreSource } from '../../../shared/bridge.ts';
import { ask, takeSecret } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Check } from '../../components/check.tsx';
import { FileName, Mono } from '../../components/inline-text.tsx';
import { useNewPassphrase } from '../../components/new-passphrase.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { PhraseField } from '../../components/phrase-field.tsx';
import { useShown } from '../../components/secret-field.tsx';
import { useShares } from '../../components/shares-field.tsx';
import { WorkBar } from '../../components/work-bar.tsx';
import { useAction } from '../../data/query.ts';
import { loadStatus } from '../../data/status.ts';
import { clockTime, day } from '../../text/format.ts';

/** A vault that is back. */
export type Restored = BridgeOutput<'vault.restore'>;

type Props = {
  readonly source: RestoreSource;
  readonly home: string;
  readonly onBack: () => void;
  readonly onRestored: (restored: Restored) => void;
};

const NEWEST = '';

/** Which backup, the phrase, and how the vault is to be unlocked from now on. */
export function RestoreForm({ source: { folder, backups }, home, onBack, onRestored }: Props) {
  const whole = backups.filter(({ state }) => state === 'whole');
  const [from, setFrom] = useState(NEWEST);
  const [keychain, setKeychain] = useState(false);
  const [byShares, setByShares] = useState(false);
  const phrase = useRef<HTMLTextAreaElement>(null);
  const { field: sharesField, give } = useShares();
  const [shown, toggle] = useShown();
  const { fields, take, giveBack } = useNewPassphrase('New passphrase', shown);
  const { busy, error, run, clear } = useAction();

  const restore = async () => {
    const typed = phrase.current;
    // For one word that is misspelt nobody should have to type 24 anew.
    const kept = typed?.value ?? '';
    const passphrase = await take();
    if (passphrase === undefined) return;
    const { secret: words, files } =
      typed === null ? give() : { secret: takeSecret(typed), files: undefined };
    const done = await run(async () => {
      const handle = from === NEWEST ? folder.id : from;
      const shares = files === undefined ? {} : { shares: files };
      onRestored(
        await ask('vault.restore', { from: handle, phrase: words, ...shares, passphrase, keychain }),
      );
    });
    words.fill(0);
    if (!done) giveBack(passphrase);
    passphrase.fill(0);
    if (done) return;
    if (typed !== null) {
      typed.value = kept;
      typed.focus();
    }
    // What failed after the vault was made leaves one that can be unlocked.
    await loadStatus();
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) restore();
      }}
    >
      <div className="field">
        <label htmlFor="from">
          From <FileName name={folder.name} />
        </label>
        <select id="from" className="select" value={from} onChange={(event) => setFrom(event.target.value)}>
          <option value={NEWEST}>
            The newest backup that {byShares ? 'the shares open' : 'the phrase opens'}
          </option>
          {whole.map(({ file, created = '' }) => (
            <option key={file.id} value={file.id}>
              {`${day(created)}, ${clockTime(created)}`}
            </option>
          ))}
        </select>
      </div>
      {/* Above what it is most often about, where the focus goes. */}
      <ErrorNote error={error} />
      {byShares ? sharesField : <PhraseField field={phrase} />}
      <div>
        <Button
          look="plain compact"
          busy={busy}
          onPress={() => {
            clear();
            setByShares(!byShares);
          }}
        >
          {byShares ? 'I have the recovery phrase' : 'I have shares instead'}
        </Button>
      </div>
      {fields}
      <div>{toggle}</div>
      <Check
        label="Also unlock with this computer’s keychain"
        about="Nothing to type while you are logged in. The passphrase still works."
        checked={keychain}
        onChange={setKeychain}
      />
      <Button submit look="main wide" busy={busy}>
        {busy ? 'Checking the backup, making the vault…' : 'Bring the vault back'}
      </Button>
      {busy ? <WorkBar work="restore" label="The vault is being restored" /> : null}
      <div className="actions">
        <Button look="plain" busy={busy} onPress={onBack}>
          Back
        </Button>
      </div>
      <p className="small soft">
        Everything is checked before anything is written. It will be kept in <Mono>{home}</Mono>
      </p>
    </form>
  );
}
