import { useRef, useState } from 'react';
import { ask, takeSecret } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { DialogForm } from '../../components/dialog-form.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { SecretField, useShown } from '../../components/secret-field.tsx';
import { useAction } from '../../data/query.ts';
import { setStatus } from '../../data/status.ts';
import { useView } from '../../data/view.ts';

/** Asks who the owner is, and takes the step down back. */
export function StepUp({ onClose }: { readonly onClose: () => void }) {
  const [way, setWay] = useState<'passphrase' | 'recovery-phrase'>('passphrase');
  const field = useRef<HTMLInputElement>(null);
  const [shown, toggle] = useShown();
  const changed = useView((view) => view.keysChanged);
  const { busy, error, run } = useAction();
  const submit = async () => {
    const typed = field.current;
    if (typed === null) return;
    const kept = way === 'passphrase' ? '' : typed.value;
    const done = await run(async () => {
      setStatus(await ask('vault.stepUp', { kind: way, secret: takeSecret(typed) }));
      changed();
    });
    if (done) return onClose();
    typed.value = kept;
    typed.focus();
  };
  return (
    <DialogForm title="Step up to owner" does="Step up" busy={busy} onSubmit={submit} onClose={onClose}>
      <SecretField
        key={way}
        label={way === 'passphrase' ? 'Passphrase' : 'Recovery phrase'}
        field={field}
        focus
        shown={shown}
      />
      <ErrorNote error={error} />
      <div className="actions">
        {toggle}
        <Button
          look="plain compact"
          onPress={() => setWay(way === 'passphrase' ? 'recovery-phrase' : 'passphrase')}
        >
          {way === 'passphrase' ? 'Use the recovery phrase' : 'Use the passphrase'}
        </Button>
      </div>
    </DialogForm>
  );
}
