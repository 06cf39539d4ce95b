import { useState } from 'react';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Check } from '../../components/check.tsx';
import { Mono } from '../../components/inline-text.tsx';
import { useNewPassphrase } from '../../components/new-passphrase.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { useShown } from '../../components/secret-field.tsx';
import { useAction } from '../../data/query.ts';

type Props = {
  readonly home: string;
  readonly onBack: () => void;
  /** Takes the phrase, which is its to wipe. */
  readonly onMade: (phrase: Uint8Array<ArrayBuffer>) => void;
};

/** How the vault is to be unlocked: a passphrase typed twice, and the keychain if wanted. */
export function ChooseUnlocking({ home, onBack, onMade }: Props) {
  const [keychain, setKeychain] = useState(false);
  const [shown, toggle] = useShown();
  const { fields, take, giveBack } = useNewPassphrase('Passphrase', shown, true);
  const { busy, error, run } = useAction();

  const make = async () => {
    const passphrase = await take();
    if (passphrase === undefined) return;
    const done = await run(async () => {
      const { phrase } = await ask('vault.init', { passphrase, keychain });
      onMade(phrase as Uint8Array<ArrayBuffer>);
    });
    if (!done) giveBack(passphrase);
    passphrase.fill(0);
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) make();
      }}
    >
      <p className="soft">Choose how to unlock it.</p>
      {fields}
      <div>{toggle}</div>
      <Check
        label="Also unlock with this computer’s keychain"
        about="Nothing to type while you are logged in. The passphrase still works."
        checked={keychain}
        onChange={setKeychain}
      />
      <ErrorNote error={error} />
      <Button submit look="main wide" busy={busy}>
        {busy ? 'Making the vault…' : 'Make the vault'}
      </Button>
      <div className="actions">
        <Button look="plain" busy={busy} onPress={onBack}>
          Back
        </Button>
      </div>
      <p className="small soft">
        It will be kept in <Mono>{home}</Mono>
      </p>
    </form>
  );
}
