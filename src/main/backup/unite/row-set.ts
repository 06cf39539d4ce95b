import type { z } from 'zod';
import type { Json } from '../../../shared/errors.ts';

/** A row: room, id and body. */
type Row = readonly [room: string, id: string, body: Json];

/** Rows that decide things, in memory, by room and id: those of an open vault or of a backup. Changes are remembered. */
export class RowSet {
  readonly #rooms = new Map<string, Map<string, Json>>();
  readonly #changed = new Map<string, readonly [room: string, id: string]>();

  constructor(rows: Iterable<Row> = []) {
    for (const [room, id, body] of rows) this.#room(room).set(id, body);
  }

  /** Whether there is such a row. */
  has(room: string, id: string): boolean {
    return this.#rooms.get(room)?.has(id) === true;
  }

  /** A row's body, or `undefined`. Throws `ZodError` for one that is not of that shape. */
  get<T>(room: string, id: string, schema: z.ZodType<T>): T | undefined {
    const body = this.#rooms.get(room)?.get(id);
    return body === undefined ? undefined : schema.parse(body);
  }

  /** The rows of a room as they stand now; with `prefix` only those whose id begins with it. */
  list<T>(room: string, schema: z.ZodType<T>, prefix = ''): { id: string; body: T }[] {
    return this.ids(room, prefix).map((id) => ({
      id,
      body: schema.parse(this.#rooms.get(room)?.get(id)),
    }));
  }

  /** The ids of a room, as `list`. */
  ids(room: string, prefix = ''): string[] {
    const ids = [...(this.#rooms.get(room)?.keys() ?? [])];
    return prefix === '' ? ids : ids.filter((id) => id.startsWith(prefix));
  }

  /** Ids of a room by what stands before their slash, in one look. */
  byPrefix(room: string): ReadonlyMap<string, readonly string[]> {
    const found = new Map<string, string[]>();
    for (const id of this.ids(room)) {
      const prefix = id.split('/')[0] ?? '';
      const known = found.get(prefix);
      if (known === undefined) found.set(prefix, [id]);
      else known.push(id);
    }
    return found;
  }

  /** Writes a row. */
  put(room: string, id: string, body: Json): void {
    this.#room(room).set(id, body);
    this.#changed.set(`${room}\0${id}`, [room, id]);
  }

  /** Removes a row, if it is there. */
  remove(room: string, id: string): void {
    if (this.#rooms.get(room)?.delete(id) === true) this.#changed.set(`${room}\0${id}`, [room, id]);
  }

  /** What has changed since the beginning: each row that was written, and the names of those that were removed. */
  changes(): { readonly puts: Row[]; readonly removed: (readonly [room: string, id: string])[] } {
    const puts: Row[] = [];
    const removed: (readonly [string, string])[] = [];
    for (const [room, id] of this.#changed.values()) {
      const body = this.#rooms.get(room)?.get(id);
      if (body === undefined) removed.push([room, id]);
      else puts.push([room, id, body]);
    }
    return { puts, removed };
  }

  /** All rows. */
  *all(): Generator<Row> {
    for (const [room, rows] of this.#rooms) for (const [id, body] of rows) yield [room, id, body];
  }

  #room(room: string): Map<string, Json> {
    const known = this.#rooms.get(room) ?? new Map<string, Json>();
    this.#rooms.set(room, known);
    return known;
  }
}
