import type { RefObject } from 'react';

/** A field for the recovery phrase. Its text stays in the field: React never gets to hold it. */
export function PhraseField({
  field,
  focus = false,
}: {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly focus?: boolean;
}) {
  return (
    <div className="field">
      <label htmlFor="phrase">Recovery phrase</label>
      <textarea
        ref={field}
        id="phrase"
        className="input"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={1_000}
        required
        // biome-ignore lint/a11y/noAutofocus: the user has just asked for this field
        autoFocus={focus}
        aria-describedby="phrase-hint"
      />
      <p id="phrase-hint" className="small soft">
        The 24 words from your paper, with spaces between them.
      </p>
    </div>
  );
}
