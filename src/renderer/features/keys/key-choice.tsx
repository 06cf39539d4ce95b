import type { KeySummary } from '../../../shared/contract.ts';
import { keyName, STATES } from '../../text/keys.ts';

type Props = {
  readonly id: string;
  /** Keys to choose from. */
  readonly of: readonly KeySummary[];
  /** The one that is chosen, though it may not be among those. */
  readonly chosen: KeySummary | undefined;
  /** What is said where none is chosen. */
  readonly none: string;
  readonly onChoose: (key: KeySummary) => void;
};

/** A choice among keys. One that was chosen before and can't be used any more is shown with its state, not passed over. */
export function KeyChoice({ id, of: usable, chosen, none, onChoose }: Props) {
  const gone = chosen !== undefined && !usable.some(({ keyId }) => keyId === chosen.keyId);
  return (
    <select
      id={id}
      className="select"
      value={chosen?.keyId ?? ''}
      onChange={(event) => {
        const key = usable.find(({ keyId }) => keyId === event.target.value);
        if (key !== undefined) onChoose(key);
      }}
    >
      {chosen === undefined ? <option value="">{none}</option> : null}
      {gone ? (
        <option value={chosen.keyId}>
          {keyName(chosen)}: {STATES[chosen.state].word.toLowerCase()}
        </option>
      ) : null}
      {usable.map((key) => (
        <option key={key.keyId} value={key.keyId}>
          {keyName(key)}
        </option>
      ))}
    </select>
  );
}
