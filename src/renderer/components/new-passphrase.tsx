import { type ReactElement, useRef, useState } from 'react';
import { takeSecret } from '../bridge.ts';
import { SecretField } from './secret-field.tsx';

/** Fewer characters than this are refused. */
const MIN = 8;

/** A new passphrase typed twice: the two fields, and what takes it from them. */
type NewPassphrase = {
  readonly fields: ReactElement;
  /** Its bytes, once it is long enough and typed alike; both fields are empty then. */
  readonly take: () => Uint8Array<ArrayBuffer> | undefined;
};

/** The fields for a new passphrase; what is wrong with it stands beside them. Its text never leaves them. */
export function useNewPassphrase(label: string, shown: boolean, focus = false): NewPassphrase {
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  const [wrong, setWrong] = useState<{ first?: string; second?: string }>({});
  const take = () => {
    const [typed, again] = [first.current, second.current];
    if (typed === null || again === null) return undefined;
    if ([...typed.value].length < MIN) {
      setWrong({
        first: `Use at least ${MIN} characters. Four or five words are good and easy to keep in mind.`,
      });
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
    setWrong({});
    again.value = '';
    return takeSecret(typed);
  };
  const fields = (
    <>
      <SecretField
        label={label}
        field={first}
        fresh
        focus={focus}
        shown={shown}
        wrong={wrong.first}
        hint="Four or five words that only you would put together."
      />
      <SecretField label="The same again" field={second} fresh shown={shown} wrong={wrong.second} />
    </>
  );
  return { fields, take };
}
