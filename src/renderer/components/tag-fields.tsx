import { Plus, X } from 'lucide-react';
import { Button, IconButton } from './button.tsx';

/** A tag as it is typed; `id` tells rows apart. */
export type TypedTag = { readonly id: number; readonly key: string; readonly value: string };

/** Tags as fields; rows without a name are left out. */
export function tagsOf(rows: readonly TypedTag[]): { readonly key: string; readonly value: string }[] {
  return rows.map(({ key, value }) => ({ key: key.trim(), value })).filter(({ key }) => key !== '');
}

/** Tags to be typed: one row of two fields for each, and one more on demand. */
export function TagFields({
  rows,
  onChange,
}: {
  readonly rows: readonly TypedTag[];
  readonly onChange: (rows: readonly TypedTag[]) => void;
}) {
  const set = (at: number, row: TypedTag) => onChange(rows.with(at, row));
  return (
    <div className="tag-fields">
      {rows.map((row, at) => (
        <div key={row.id} className="tag-row">
          <input
            className="input small-input"
            aria-label={`Tag ${at + 1}, name`}
            placeholder="Name"
            maxLength={128}
            autoComplete="off"
            spellCheck={false}
            value={row.key}
            onChange={(event) => set(at, { ...row, key: event.target.value })}
          />
          <input
            className="input small-input"
            aria-label={`Tag ${at + 1}, value`}
            placeholder="Value"
            maxLength={256}
            autoComplete="off"
            spellCheck={false}
            value={row.value}
            onChange={(event) => set(at, { ...row, value: event.target.value })}
          />
          <IconButton
            icon={X}
            label={`Remove tag ${at + 1}`}
            onPress={() => onChange(rows.filter((_, n) => n !== at))}
          />
        </div>
      ))}
      {rows.length < 50 ? (
        <div className="actions">
          <Button
            look="compact"
            icon={Plus}
            onPress={() => onChange([...rows, { id: (rows.at(-1)?.id ?? 0) + 1, key: '', value: '' }])}
          >
            Add a tag
          </Button>
        </div>
      ) : null}
    </div>
  );
}
