import type { Json } from '../../shared/errors.ts';
import type { RepairAction, RepairStep } from '../../shared/repair-contract.ts';
import { type RecordRow, recordKey } from '../store/record-row.ts';
import type { Finding, Source, Witnesses } from './witnesses.ts';

/** A row that a repaired vault is to have. `body` as JSON. */
type DraftRow = { readonly room: string; readonly id: string; readonly body: Buffer };

/** What a repair is decided with: what is known, when it is (ms since 1970), and whom the vault's owner's policies name. */
type Circumstances = {
  readonly witnesses: Witnesses;
  readonly now: number;
  readonly owner: readonly string[];
};

const TAKEN: { readonly [S in Source]: readonly [action: RepairAction, message: string] | undefined } = {
  database: undefined,
  'second-file': ['from-second-file', 'It is taken from vault.keys, which has the newest one.'],
  backup: ['from-backup', 'It is taken from the backup, which has the newest one.'],
};

/** The repaired rows as they are decided, and what is told of them. */
export class Draft {
  readonly steps: RepairStep[] = [];
  readonly #rows = new Map<string, DraftRow>();
  readonly #names: ReadonlyMap<string, readonly string[]>;
  readonly circumstances: Circumstances;

  constructor(circumstances: Circumstances) {
    this.circumstances = circumstances;
    const names = new Map<string, string[]>();
    for (const [room, id] of circumstances.witnesses.names()) {
      const known = names.get(room);
      if (known === undefined) names.set(room, [id]);
      else known.push(id);
    }
    this.#names = names;
  }

  /** The rooms that any witness has rows of. */
  get rooms(): readonly string[] {
    return [...this.#names.keys()];
  }

  /** The ids of all rows of a room that any witness tells of. */
  ids(room: string): readonly string[] {
    return this.#names.get(room) ?? [];
  }

  /** What is known of a row. */
  of(room: string, id: string): Finding {
    return this.circumstances.witnesses.of(room, id);
  }

  /** Has a row as it is, and tells where it comes from unless that is the database. */
  keep(room: string, id: string, { row, source }: Extract<Finding, { certain: true }>): void {
    if (row === undefined) return;
    this.#rows.set(recordKey(room, id), { room, id, body: row.body });
    const taken = TAKEN[source];
    if (taken !== undefined) this.tell(room, id, ...taken);
  }

  /** Has a row with this body, in place of what was decided on it before. */
  put(room: string, id: string, body: Json): void {
    this.#rows.set(recordKey(room, id), { room, id, body: Buffer.from(JSON.stringify(body)) });
  }

  /** Has no row of this name. */
  drop(room: string, id: string): void {
    this.#rows.delete(recordKey(room, id));
  }

  /** Tells of a row. */
  tell(room: string, id: string, action: RepairAction, message: string): void {
    this.steps.push({ row: `${room}/${id}`, action, message });
  }

  /** What a row is to hold by now; `undefined`: there is to be none. */
  body(room: string, id: string): JsonFields | undefined {
    const row = this.#rows.get(recordKey(room, id));
    return row === undefined ? undefined : bodyOf(row);
  }

  /** The rows decided on so far, by name, with those of a room alone if one is given. */
  rows(room?: string): DraftRow[] {
    const rows = [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    return room === undefined ? rows : rows.filter((row) => row.room === room);
  }
}

/** The fields of a row of ours. */
export type JsonFields = { readonly [name: string]: Json };

/** What a row holds. */
export function bodyOf({ body }: Pick<RecordRow, 'body'>): JsonFields {
  const value: unknown = JSON.parse(body.toString());
  return typeof value === 'object' && value !== null ? (value as JsonFields) : {};
}
