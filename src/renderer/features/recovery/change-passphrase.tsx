import { useRef, useState } from 'react';
import { ask, takeSecret } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { DialogForm } from '../../components/dialog-form.tsx';
import { useNewPassphrase } from '../../components/new-passphrase.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { SecretField, useShown } from '../../components/secret-field.tsx';
import { useAction } from '../../data/query.ts';
import { setStatus } from '../../data/status.ts';

type Props = {
  /** Whether the vault has a passphrase now. */
  readonly has: boolean;
  readonly onClose: () => void;
  readonly onChanged: () => void;
};

/** Asks who the owner is, and for a new passphrase, twice. */
export function ChangePassphrase({ has, onClose, onChanged }: Props) {
  const [way, setWay] = useState<'passphrase' | 'recovery-phrase'>(has ? 'passphrase' : 'recovery-phrase');
  const field = useRef<HTMLInputElement>(null);
  const [shown, toggle] = useShown();
  const { fields, take } = useNewPassphrase('New passphrase', shown);
  const { busy, error, run } = useAction();
  const submit = async () => {
    const typed = field.current;
    const passphrase = typed === null ? undefined : await take();
    if (typed === null || passphrase === undefined) return;
    const done = await run(async () => {
      const who = { kind: way, secret: takeSecret(typed) };
      setStatus(await ask('vault.changePassphrase', { shown: who, passphrase }));
    });
    passphrase.fill(0);
    if (done) onChanged();
    else typed.focus();
  };
  return (
    <DialogForm
      title={has ? 'Change the passphrase' : 'Set a passphrase'}
      does={has ? 'Change it' : 'Set it'}
      busy={busy}
      onSubmit={submit}
      onClose={onClose}
    >
      <SecretField
        key={way}
        label={way === 'passphrase' ? 'The passphrase as it is' : 'Recovery phrase'}
        field={field}
        focus
        shown={shown}
      />
      {fields}
      <ErrorNote error={error} />
      <div className="actions">
        {toggle}
        {has ? (
          <Button
            look="plain compact"
            onPress={() => setWay(way === 'passphrase' ? 'recovery-phrase' : 'passphrase')}
          >
            {way === 'passphrase' ? 'I have forgotten it: use the recovery phrase' : 'Use the passphrase'}
          </Button>
        ) : null}
      </div>
      <p className="small soft">
        Copies of the vault and backups made before still open as they did. If the old passphrase has leaked,
        give the keys new versions and encrypt anew what matters.
      </p>
    </DialogForm>
  );
}
