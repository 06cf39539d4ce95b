import { type RefObject, useId } from 'react';
import { COPIED_AS_SECRET } from '../bridge.ts';
import { useSecretOnScreen } from '../data/secret-screen.ts';

/** A field for the recovery phrase. Its text stays in the field: React never gets to hold it. */
export function PhraseField({
  field,
  focus = false,
  label = 'Recovery phrase',
}: {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly focus?: boolean;
  readonly label?: string;
}) {
  const id = useId();
  useSecretOnScreen();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        ref={field}
        id={id}
        className="input"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={1_000}
        required
        // biome-ignore lint/a11y/noAutofocus: the user has just asked for this field
        autoFocus={focus}
        {...COPIED_AS_SECRET}
        aria-describedby={`${id}-hint`}
      />
      <p id={`${id}-hint`} className="small soft">
        The 24 words from your paper, with spaces between them.
      </p>
    </div>
  );
}
