import { z } from 'zod';
import type { EncryptionContext } from '../../../shared/context.ts';
import { sha256 } from '../../crypto/hash.ts';
import type { ReadTx, Tx } from '../../store/database.ts';
import type { Records } from '../../store/records.ts';

const ROOM = 'grants';
const TAG_DIGITS = 16;

// Not z.record, which drops a pair named __proto__: the grant would allow more than was asked for.
const pairs = z.custom<EncryptionContext>(isPairs);
const row = z.strictObject({
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
export type GrantRow = z.output<typeof row>;

/** A grant of a key. `id`: 64 hex digits. */
export type StoredGrant = { readonly keyId: string; readonly id: string; readonly body: GrantRow };

/**
 * Grants, by key and id. A grant's id begins with a digest of its grantee, so that those of one principal are
 * found without reading all that a key has.
 */
export class GrantRows {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  get(tx: ReadTx, keyId: string, id: string): StoredGrant | undefined {
    const body = this.#records.get(tx, ROOM, `${keyId}/${id}`, row);
    return body === undefined ? undefined : { keyId, id, body };
  }

  /** All grants of a key, sorted by id; with `grantee`, only those of that principal. */
  ofKey(tx: ReadTx, keyId: string, grantee?: string): StoredGrant[] {
    const prefix = `${keyId}/`;
    const tag = grantee === undefined ? '' : tagOf(grantee);
    return this.#records
      .list(tx, ROOM, row, `${prefix}${tag}`)
      .map(({ id, body }) => ({ keyId, id: id.slice(prefix.length), body }))
      .filter(({ body }) => grantee === undefined || body.grantee === grantee);
  }

  /** All grants that a principal may retire, sorted by key and id. */
  retirableBy(tx: ReadTx, principal: string): StoredGrant[] {
    return this.#records
      .list(tx, ROOM, row)
      .filter(({ body }) => body.retiring === principal)
      .map(({ id: whole, body }) => {
        const [keyId = '', id = ''] = whole.split('/');
        return { keyId, id, body };
      });
  }

  /** How many grants a key has. */
  count(tx: ReadTx, keyId: string): number {
    return this.#records.count(tx, ROOM, `${keyId}/`);
  }

  put(tx: Tx, { keyId, id, body }: StoredGrant): void {
    this.#records.put(tx, ROOM, `${keyId}/${id}`, body);
  }

  remove(tx: Tx, keyId: string, id: string): void {
    this.#records.remove(tx, ROOM, `${keyId}/${id}`);
  }

  /** Removes all grants of a key, with the key. */
  removeAll(tx: Tx, keyId: string): void {
    for (const { id } of this.ofKey(tx, keyId)) this.remove(tx, keyId, id);
  }
}

/** What the ids of a principal's grants begin with. */
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
