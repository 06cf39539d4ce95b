import { type ReactElement, useEffect, useRef, useState } from 'react';
import { type PassphraseStrength, strengthText } from '../../shared/passphrase-strength.ts';
import { ask, takeSecret } from '../bridge.ts';
import { Button } from './button.tsx';
import { Check } from './check.tsx';
import { SecretField } from './secret-field.tsx';

/** How long after the last keystroke the strength is estimated, in milliseconds. */
const PAUSE = 250;

/** A new passphrase typed twice: the two fields, and what takes it from them. */
type NewPassphrase = {
  readonly fields: ReactElement;
  /** Its bytes, once it is typed alike and strong enough or meant all the same; both fields are empty then. */
  readonly take: () => Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** What was taken stands in both fields again: what it was for has failed, and nobody should type it anew. */
  readonly giveBack: (passphrase: Uint8Array) => void;
};

/** The fields for a new passphrase; what is wrong with it stands beside them. Its text never leaves them. */
export function useNewPassphrase(label: string, shown: boolean, focus = false): NewPassphrase {
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  const [wrong, setWrong] = useState<{ first?: string; second?: string }>({});
  const [strength, setStrength] = useState<PassphraseStrength>();
  const [made, setMade] = useState(false);
  const [meant, setMeant] = useState(false);
  const { later, now } = useEstimate(first, setStrength);

  const take = async () => {
    const [typed, again] = [first.current, second.current];
    if (typed === null || again === null) return undefined;
    if (typed.value === '') {
      setWrong({ first: 'Type a passphrase, or have one made.' });
      typed.focus();
      return undefined;
    }
    // One may be typed and the other pasted: what unlocks takes their normalisations for the same.
    if (typed.value.normalize() !== again.value.normalize()) {
      setWrong({ second: 'The two are not the same. Type it again.' });
      again.value = '';
      again.focus();
      return undefined;
    }
    const estimate = await now();
    if (estimate?.weak !== false && !meant) {
      setWrong({ first: adviceOn(estimate) });
      typed.focus();
      return undefined;
    }
    setWrong({});
    again.value = '';
    return takeSecret(typed);
  };

  const make = async () => {
    const { passphrase } = await ask('passphrase.generate', {});
    const field = first.current;
    if (field === null) return;
    field.value = new TextDecoder().decode(passphrase);
    passphrase.fill(0);
    // What is known is of what stood there before.
    setStrength(undefined);
    setMade(true);
    setMeant(false);
    setWrong({});
    await now();
    second.current?.focus();
  };

  const fields = (
    <>
      <div onInput={later}>
        <SecretField
          label={label}
          field={first}
          fresh
          focus={focus}
          shown={shown || made}
          wrong={wrong.first}
          hint={hintOn(strength, made)}
        />
      </div>
      <SecretField label="The same again" field={second} fresh shown={shown} wrong={wrong.second} />
      {/* Behind both fields: whoever types, Tab, and types again must not press it with a space. */}
      <div>
        <Button look="plain compact" onPress={make}>
          Make one of six words
        </Button>
      </div>
      {strength?.weak === true ? (
        <Check
          label="Use it although it is weak"
          about="Whoever gets a copy of the vault can try passphrases for as long as they like."
          checked={meant}
          onChange={setMeant}
        />
      ) : null}
    </>
  );
  const giveBack = (passphrase: Uint8Array) => {
    const text = new TextDecoder().decode(passphrase);
    for (const { current } of [first, second]) if (current !== null) current.value = text;
  };
  return { fields, take, giveBack };
}

/** Has the main process estimate what the field holds: a while after it was typed, or now. */
function useEstimate(
  field: React.RefObject<HTMLInputElement | null>,
  tell: (strength: PassphraseStrength | undefined) => void,
) {
  const timer = useRef<number>(undefined);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const now = async () => {
    window.clearTimeout(timer.current);
    const text = field.current?.value ?? '';
    const passphrase = new TextEncoder().encode(text);
    // What can't be a passphrase is refused, with the reason, when it is to be set.
    const strength =
      text === '' ? undefined : await ask('passphrase.strength', { passphrase }).catch(() => undefined);
    passphrase.fill(0);
    // What was typed meanwhile has an estimate of its own under way.
    if (field.current?.value === text) tell(strength);
    return strength;
  };
  const later = () => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(now, PAUSE);
  };
  return { later, now };
}

function hintOn(strength: PassphraseStrength | undefined, made: boolean): string {
  if (made && strength !== undefined) return 'Six words at random. Write them down, then type them below.';
  if (strength === undefined) return 'Four or five words that only you would put together.';
  const advice = strength.weak ? ` ${strength.advice.join(' ')}` : '';
  return `Strength: ${strengthText(strength)}.${advice}`.trim();
}

function adviceOn(strength: PassphraseStrength | undefined): string {
  if (strength === undefined) return 'How strong it is could not be found out. Choose another one.';
  return `It is ${strengthText(strength)}. Use several words that only you would put together, or say below that you mean it.`;
}
