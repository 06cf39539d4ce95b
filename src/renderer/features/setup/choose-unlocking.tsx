import { useRef, useState } from 'react';
import { ask, takeSecret } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Check } from '../../components/check.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { SecretField, useShown } from '../../components/secret-field.tsx';
import { Mono } from '../../components/text.tsx';
import { useDoing } from '../../data/query.ts';

/** Fewer characters than this are refused. */
const LEAST = 8;

type Props = { readonly home: string; readonly onMade: (phrase: string) => void };

/** How the vault is to be unlocked: a passphrase typed twice, and the keychain if wanted. */
export function ChooseUnlocking({ home, onMade }: Props) {
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  const [keychain, setKeychain] = useState(false);
  const [wrong, setWrong] = useState<{ first?: string; second?: string }>({});
  const [shown, toggle] = useShown();
  const { busy, error, run } = useDoing();

  const make = () => {
    const [typed, again] = [first.current, second.current];
    if (typed === null || again === null) return;
    if ([...typed.value].length < LEAST) {
      setWrong({
        first: `Use at least ${LEAST} characters. Four or five words are good and easy to keep in mind.`,
      });
      typed.focus();
      return;
    }
    // One may be typed and the other pasted: what unlocks takes their normalisations for the same.
    if (typed.value.normalize() !== again.value.normalize()) {
      setWrong({ second: 'The two are not the same. Type it again.' });
      again.value = '';
      again.focus();
      return;
    }
    setWrong({});
    again.value = '';
    run(async () => {
      const { phrase } = await ask('vault.init', { passphrase: takeSecret(typed), keychain });
      onMade(phrase);
    });
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) make();
      }}
    >
      <p className="soft">
        Keyward keeps files encrypted under keys of your own, on this computer. Choose how to unlock them.
      </p>
      <SecretField
        label="Passphrase"
        field={first}
        fresh
        focus
        shown={shown}
        wrong={wrong.first}
        hint="Four or five words that only you would put together."
      />
      <SecretField label="The same again" field={second} fresh shown={shown} wrong={wrong.second} />
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
      <p className="small soft">
        It will be kept in <Mono>{home}</Mono>
      </p>
    </form>
  );
}
