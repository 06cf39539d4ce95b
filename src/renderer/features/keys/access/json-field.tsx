import { useId } from 'react';

type Props = {
  readonly label: string;
  readonly value: string;
  readonly invalid: boolean;
  /** The id of what says how the text stands. */
  readonly about: string;
  readonly onChange: (value: string) => void;
};

/** A field for text in lines, each with its number; it is as tall as its text. */
export function JsonField({ label, value, invalid, about, onChange }: Props) {
  const id = useId();
  const lines = value.split('\n').length;
  return (
    <>
      <label className="hidden" htmlFor={id}>
        {label}
      </label>
      <div className="json">
        <div className="json-numbers mono" aria-hidden="true">
          {Array.from({ length: lines }, (_, n) => n + 1).join('\n')}
        </div>
        <textarea
          id={id}
          className="mono"
          rows={lines}
          wrap="off"
          maxLength={131_072}
          autoCapitalize="off"
          autoComplete="off"
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          aria-invalid={invalid || undefined}
          aria-describedby={about}
        />
      </div>
    </>
  );
}
