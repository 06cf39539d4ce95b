import { useId } from 'react';

type Props = {
  readonly label: string;
  readonly about: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
};

/** A choice of yes or no, with what it means. */
export function Check({ label, about, checked, onChange }: Props) {
  const id = useId();
  return (
    <div className="check">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        aria-describedby={`${id}-about`}
      />
      <label htmlFor={id}>{label}</label>
      <p id={`${id}-about`} className="small soft">
        {about}
      </p>
    </div>
  );
}
