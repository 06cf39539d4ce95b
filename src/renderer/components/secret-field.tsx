import { Eye, EyeOff } from 'lucide-react';
import { type RefObject, useId, useState } from 'react';
import { COPIED_AS_SECRET } from '../bridge.ts';
import { useSecretOnScreen } from '../data/secret-screen.ts';

type Props = {
  readonly label: string;
  readonly field: RefObject<HTMLInputElement | null>;
  readonly hint?: string;
  readonly wrong?: string | undefined;
  readonly shown?: boolean;
  readonly fresh?: boolean;
  readonly focus?: boolean;
};

/** A field for a passphrase. Its text stays in the field: React never gets to hold it. */
export function SecretField({
  label,
  field,
  hint,
  wrong,
  shown = false,
  fresh = false,
  focus = false,
}: Props) {
  const id = useId();
  useSecretOnScreen(shown);
  const about = `${id}-about`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        ref={field}
        id={id}
        className="input"
        type={shown ? 'text' : 'password'}
        autoComplete={fresh ? 'new-password' : 'current-password'}
        autoCapitalize="off"
        spellCheck={false}
        maxLength={1_000}
        required
        {...COPIED_AS_SECRET}
        // biome-ignore lint/a11y/noAutofocus: the first field of a page that has one purpose
        autoFocus={focus}
        aria-invalid={wrong === undefined ? undefined : true}
        aria-describedby={wrong === undefined && hint === undefined ? undefined : about}
      />
      {wrong === undefined && hint === undefined ? null : (
        <p
          id={about}
          className={wrong === undefined ? 'small soft' : 'badge bad'}
          role={wrong === undefined ? undefined : 'alert'}
        >
          {wrong ?? hint}
        </p>
      )}
    </div>
  );
}

/** A switch that shows what is typed. */
export function useShown(): readonly [boolean, React.ReactElement] {
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return [
    shown,
    <button
      key="shown"
      type="button"
      className="button plain compact aside"
      aria-pressed={shown}
      onClick={() => setShown(!shown)}
    >
      <Icon size={14} aria-hidden />
      {shown ? 'Hide what I type' : 'Show what I type'}
    </button>,
  ];
}
