import { Plus, X } from 'lucide-react';
import { Button, IconButton } from './button.tsx';

/** A pair as it is typed; `id` tells rows apart. */
export type TypedPair = { readonly id: number; readonly key: string; readonly value: string };

/** The pairs that were typed; rows without a name are left out. */
export function pairsOf(rows: readonly TypedPair[]): { readonly key: string; readonly value: string }[] {
  return rows.map(({ key, value }) => ({ key: key.trim(), value })).filter(({ key }) => key !== '');
}

type Props = {
  /** What a pair is called: "Tag". */
  readonly noun: string;
  readonly rows: readonly TypedPair[];
  readonly onChange: (rows: readonly TypedPair[]) => void;
  readonly most: number;
  readonly longest?: { readonly key: number; readonly value: number };
};

/** Pairs to be typed: one row of two fields for each, and one more on demand. */
export function PairFields({ noun, rows, onChange, most, longest = { key: 128, value: 256 } }: Props) {
  const set = (at: number, row: TypedPair) => onChange(rows.with(at, row));
  return (
    <div className="pair-fields">
      {rows.map((row, at) => (
        <div key={row.id} className="pair-row">
          <input
            className="input small-input"
            aria-label={`${noun} ${at + 1}, name`}
            placeholder="Name"
            maxLength={longest.key}
            autoComplete="off"
            spellCheck={false}
            value={row.key}
            onChange={(event) => set(at, { ...row, key: event.target.value })}
          />
          <input
            className="input small-input"
            aria-label={`${noun} ${at + 1}, value`}
            placeholder="Value"
            maxLength={longest.value}
            autoComplete="off"
            spellCheck={false}
            value={row.value}
            onChange={(event) => set(at, { ...row, value: event.target.value })}
          />
          <IconButton
            icon={X}
            label={`Remove ${noun.toLowerCase()} ${at + 1}`}
            onPress={() => onChange(rows.filter((_, n) => n !== at))}
          />
        </div>
      ))}
      {rows.length < most ? (
        <div className="actions">
          <Button
            look="compact"
            icon={Plus}
            onPress={() => onChange([...rows, { id: (rows.at(-1)?.id ?? 0) + 1, key: '', value: '' }])}
          >
            Add a {noun.toLowerCase()}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
