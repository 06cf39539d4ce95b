import { z } from 'zod';
import type { EncryptionContext } from '../../../shared/context.ts';
import { sha256 } from '../../crypto/hash.ts';
import type { Records } from '../../store/records.ts';
import type { ReadTx, Tx } from '../../store/transaction.ts';

const ROOM = 'grants';
const REVOKED = 'revoked-grants';
const TAG_DIGITS = 16;

// Not z.record, which drops a pair named __proto__: the grant would allow more than was asked for.
const pairs = z.custom<EncryptionContext>(isPairs);

/** Reads a grant as it stands in the database. */
export const grantRow = z.strictObject({
  grantee: z.string(),
  retiring: z.string().exactOptional(),
  operations: z.array(z.string()),
  equals: pairs.exactOptional(),
  subset: pairs.exactOptional(),
  name: z.string().exactOptional(),
  created: z.number().int(),
  /** ARN of whoever made it. */
  issuer: z.string(),
});

/** A grant as it stands in the database; dates in ms since 1970. */
export type GrantRow = z.output<typeof grantRow>;

/** A grant of a key. `id`: 64 hex digits. */
export type StoredGrant = { readonly keyId: string; readonly id: string; readonly body: GrantRow };

/**
 * Grants, by key and id. A grant's id begins with a digest of its grantee, so that those of one principal are
 * found without reading all that a key has.
 */
export class GrantRows {
  readonly #records: Records;
  #retirable: Map<string, string[]> | undefined;

  constructor(records: Records) {
    this.#records = records;
  }

  get(tx: ReadTx, keyId: string, id: string): StoredGrant | undefined {
    const body = this.#records.get(tx, ROOM, nameOf({ keyId, id }), grantRow);
    return body === undefined ? undefined : { keyId, id, body };
  }

  /** All grants of a key, sorted by id; with `grantee`, only those of that principal. */
  ofKey(tx: ReadTx, keyId: string, grantee?: string): StoredGrant[] {
    return this.#records
      .list(tx, ROOM, grantRow, prefixOf(keyId, grantee))
      .map(stored)
      .filter(({ body }) => grantee === undefined || body.grantee === grantee);
  }

  /** Up to `limit` grants of a key after an id, sorted by id; with `grantee`, only those of that principal. */
  ofKeyAfter(tx: ReadTx, keyId: string, after: string, limit: number, grantee?: string): StoredGrant[] {
    const found: StoredGrant[] = [];
    for (let from: string | undefined = nameOf({ keyId, id: after }); from !== undefined; ) {
      const read: { id: string; body: GrantRow }[] = this.#records.page(
        tx,
        ROOM,
        grantRow,
        from,
        limit,
        prefixOf(keyId, grantee),
      );
      // Digests are short: another principal's grants may stand among them.
      found.push(...read.map(stored).filter(({ body }) => grantee === undefined || body.grantee === grantee));
      from = found.length < limit ? read[limit - 1]?.id : undefined;
    }
    return found.slice(0, limit);
  }

  /** Up to `limit` grants that a principal may retire, of all keys, after one's name (see `nameOf`), sorted by name. */
  retirableAfter(tx: ReadTx, principal: string, after: string, limit: number): StoredGrant[] {
    const names = this.#retirableOf(tx).get(principal) ?? [];
    const from = placeOf(names, (name) => name > after);
    return names.slice(from, from + limit).flatMap((id) => {
      const body = this.#records.get(tx, ROOM, id, grantRow);
      return body?.retiring === principal ? [stored({ id, body })] : [];
    });
  }

  /** How many grants a key has. */
  count(tx: ReadTx, keyId: string): number {
    return this.#records.count(tx, ROOM, prefixOf(keyId));
  }

  /** Writes a new grant; none is ever changed. */
  put(tx: Tx, grant: StoredGrant): void {
    const name = nameOf(grant);
    this.#change(tx, grant, (names) =>
      names.splice(
        placeOf(names, (one) => one >= name),
        0,
        name,
      ),
    );
    this.#records.put(tx, ROOM, name, grant.body);
  }

  #remove(tx: Tx, grant: StoredGrant): void {
    const name = nameOf(grant);
    this.#change(tx, grant, (names) =>
      names.splice(
        placeOf(names, (one) => one >= name),
        1,
      ),
    );
    this.#records.remove(tx, ROOM, name);
  }

  /** Removes a grant that ends before its key does, and keeps a mark, so that no older copy brings it back. `now`: ms since 1970. */
  end(tx: Tx, grant: StoredGrant, now: number): void {
    this.#remove(tx, grant);
    this.#records.put(tx, REVOKED, nameOf(grant), { revoked: now });
  }

  /** Removes all grants of a key, with the key, and their marks. */
  removeAll(tx: Tx, keyId: string): void {
    for (const grant of this.ofKey(tx, keyId)) this.#remove(tx, grant);
    for (const { id } of this.#records.list(tx, REVOKED, z.unknown(), prefixOf(keyId)))
      this.#records.remove(tx, REVOKED, id);
  }

  /** Forgets what is kept in memory of grants, which were just changed past this. */
  forget(): void {
    this.#retirable = undefined;
  }

  /** Names of grants by who may retire them, sorted; read once, when first asked for, and kept in step. */
  #retirableOf(tx: ReadTx): ReadonlyMap<string, readonly string[]> {
    if (this.#retirable === undefined) {
      const found = new Map<string, string[]>();
      for (const { id, body } of this.#records.list(tx, ROOM, grantRow)) {
        if (body.retiring === undefined) continue;
        const known = found.get(body.retiring);
        if (known === undefined) found.set(body.retiring, [id]);
        else known.push(id);
      }
      this.#retirable = found;
    }
    return this.#retirable;
  }

  #change(tx: Tx, { body: { retiring } }: StoredGrant, change: (names: string[]) => void): void {
    tx.onRollback(() => {
      this.#retirable = undefined;
    });
    if (retiring === undefined || this.#retirable === undefined) return;
    const names = this.#retirable.get(retiring) ?? [];
    change(names);
    this.#retirable.set(retiring, names);
  }
}

/** A grant's name among those of all keys, by which they are sorted. */
export function nameOf({ keyId, id }: Pick<StoredGrant, 'keyId' | 'id'>): string {
  return `${keyId}/${id}`;
}

function prefixOf(keyId: string, grantee?: string): string {
  return nameOf({ keyId, id: grantee === undefined ? '' : tagOf(grantee) });
}

function stored({ id: name, body }: { readonly id: string; readonly body: GrantRow }): StoredGrant {
  const [keyId = '', id = ''] = name.split('/');
  return { keyId, id, body };
}

/** The place of the first of sorted names that is far enough. */
function placeOf(names: readonly string[], isFarEnough: (name: string) => boolean): number {
  let [from, to] = [0, names.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isFarEnough(names[middle] ?? '')) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** The prefix of the ids of a principal's grants. */
export function tagOf(grantee: string): string {
  return sha256(Buffer.from(grantee)).toString('hex').slice(0, TAG_DIGITS);
}

function isPairs(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === 'string')
  );
}
