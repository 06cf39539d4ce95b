import type { Clock } from '../../shared/clock.ts';
import { fail } from '../../shared/errors.ts';
import type { ReadTx, Tx } from './database.ts';

type Row = { holder: string; expires: number };

/**
 * Takes the lease `name` for `holder` until `ttl` milliseconds from now, or prolongs the holder's own; one that
 * has run out may be taken over. Throws `LeaseHeld` while another holds it.
 */
export function takeLease(tx: Tx, clock: Clock, name: string, holder: string, ttl: number): void {
  const now = clock.now();
  const row = tx.get<Row>('SELECT holder, expires FROM leases WHERE name = ?', name);
  if (row !== undefined && row.holder !== holder && row.expires > now) {
    throw fail(
      'lease-held',
      {},
      {
        lease: name,
        until: row.expires,
      },
    );
  }
  tx.run(
    'INSERT INTO leases (name, holder, expires) VALUES (?, ?, ?) ' +
      'ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires = excluded.expires',
    name,
    holder,
    now + ttl,
  );
}

/** Prolongs a lease that `holder` still has. Throws `LeaseHeld` if it was lost: its work must stop then. */
export function renewLease(tx: Tx, clock: Clock, name: string, holder: string, ttl: number): void {
  const { changes } = tx.run(
    'UPDATE leases SET expires = ? WHERE name = ? AND holder = ?',
    clock.now() + ttl,
    name,
    holder,
  );
  if (changes === 1) return;
  throw fail(
    'lease-lost',
    {},
    {
      lease: name,
    },
  );
}

/** Gives a lease back; nothing happens if `holder` no longer has it. */
export function releaseLease(tx: Tx, name: string, holder: string): void {
  tx.run('DELETE FROM leases WHERE name = ? AND holder = ?', name, holder);
}

/** Whether anybody has left a lease, over or not. */
export function hasLeases(tx: ReadTx): boolean {
  return tx.get('SELECT 1 FROM leases LIMIT 1') !== undefined;
}

/** Ends every lease: for a new owner, who knows that the tasks which held them ended with the owner before. */
export function endLeases(tx: Tx): void {
  tx.run('DELETE FROM leases');
}
