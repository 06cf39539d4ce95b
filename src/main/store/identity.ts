import { z } from 'zod';
import { fail, type KeywardError } from '../../shared/errors.ts';
import type { ReadTx, Tx } from './database.ts';
import type { RecordRow } from './record-row.ts';
import type { Records } from './records.ts';

/** What a vault is, readable while it is locked. `created` in milliseconds since 1970. */
export type VaultIdentity = {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly throwAway: boolean;
  readonly created: number;
};

const copy: z.ZodType<VaultIdentity> = z.object({
  id: z.string(),
  account: z.string(),
  region: z.string(),
  throwAway: z.boolean(),
  created: z.number(),
});

type Row = { vault_id: string; account: string; region: string; throw_away: number; created: number };

/** Writes a new vault's identity, and a copy of it under a MAC. */
export function createIdentity(tx: Tx, records: Records, identity: VaultIdentity): void {
  const { id, account, region, throwAway, created } = identity;
  insertIdentity(tx, identity);
  records.put(tx, 'vault', 'identity', { id, account, region, throwAway, created });
}

/** Writes the identity in clear, where the copy under a MAC is there already. */
export function insertIdentity(tx: Tx, { id, account, region, throwAway, created }: VaultIdentity): void {
  tx.run(
    'INSERT INTO vault (id, vault_id, account, region, throw_away, created) VALUES (1, ?, ?, ?, ?, ?)',
    id,
    account,
    region,
    throwAway ? 1 : 0,
    created,
  );
}

/** The identity among rows that are known to hold; `undefined` if it is not there. */
export function identityIn(rows: readonly RecordRow[]): VaultIdentity | undefined {
  const row = rows.find(({ room, id }) => room === 'vault' && id === 'identity');
  try {
    return row === undefined ? undefined : copy.safeParse(JSON.parse(row.body.toString())).data;
  } catch {
    return undefined;
  }
}

/** The identity as it stands in clear; trusted only after `verifyIdentity`. */
export function readIdentity(tx: ReadTx): VaultIdentity {
  const row = tx.get<Row>('SELECT vault_id, account, region, throw_away, created FROM vault');
  if (row === undefined) throw damaged('missing');
  return {
    id: row.vault_id,
    account: row.account,
    region: row.region,
    throwAway: row.throw_away === 1,
    created: row.created,
  };
}

/** Compares the identity with the copy under a MAC, after unlocking. Throws `VaultDamaged` naming the row. */
export function verifyIdentity(tx: ReadTx, records: Records): VaultIdentity {
  const row = tx.get<Row>('SELECT vault_id, account, region, throw_away, created FROM vault');
  const kept = records.get(tx, 'vault', 'identity', copy);
  const same =
    row !== undefined &&
    kept !== undefined &&
    row.vault_id === kept.id &&
    row.account === kept.account &&
    row.region === kept.region &&
    row.throw_away === (kept.throwAway ? 1 : 0) &&
    row.created === kept.created;
  if (!same) throw damaged('changed');
  return kept;
}

function damaged(what: 'missing' | 'changed'): KeywardError {
  return fail('identity-damaged', { what }, { row: 'vault' });
}
