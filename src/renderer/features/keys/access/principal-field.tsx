import { useId } from 'react';
import { useQuery } from '../../../data/query.ts';
import { principalText } from '../../../text/policy-summary.ts';

/** Users that every vault has. */
const OWN = ['owner', 'cli', 'operator', 'auditor'];

type Props = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string;
  readonly required?: boolean;
};

/** A field for a principal: the name of a user, with those that there are to pick from, or an ARN. */
export function PrincipalField({ label, value, onChange, hint, required = false }: Props) {
  const id = useId();
  const clients = useQuery('clients.list', {}).value?.clients ?? [];
  const known = clients.filter(({ revokedAt }) => revokedAt === undefined).map(({ name }) => name);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input small-input"
        list={`${id}-known`}
        maxLength={256}
        autoComplete="off"
        spellCheck={false}
        required={required}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
      />
      <datalist id={`${id}-known`}>
        {[...OWN, ...known].map((name) => (
          <option key={name} value={name}>
            {principalText(`:user/${name}`, false)}
          </option>
        ))}
      </datalist>
      {hint === undefined ? null : (
        <p id={`${id}-hint`} className="small soft">
          {hint}
        </p>
      )}
    </div>
  );
}
