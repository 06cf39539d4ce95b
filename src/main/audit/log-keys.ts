import { z } from 'zod';
import { fail, isKeywardError } from '../../shared/errors.ts';
import { seal, unseal } from '../crypto/aead.ts';
import { wipe } from '../crypto/bytes.ts';
import type { Records } from '../store/records.ts';
import type { ReadTx, Tx } from '../store/transaction.ts';

/** What an entry's MAC was made with and its path sealed, 32 bytes each. */
type EntryKeys = { readonly mac: Buffer; readonly names: Buffer };

/** The same, and what the terms of the search index are made with. */
export type AuditKeys = EntryKeys & { readonly index: Buffer };

type Epoch = EntryKeys & { readonly until: number };

const ROOM = 'audit-epochs';
const INFO = 'keyward/1/audit-epoch';
const stored = z.strictObject({ until: z.number().int().nonnegative(), sealed: z.base64() });

/**
 * The keys of the log, which is older than the root key where that was replaced: entries keep the MACs and the sealing of
 * their time, whose keys stand sealed under those of now.
 */
export class LogKeys {
  /** What is written with, and the index read with. */
  readonly now: AuditKeys;
  readonly #records: Records;
  #former: readonly Epoch[] | undefined;

  /** `now`: derived from the root key; they stay the caller's to wipe. */
  constructor(records: Records, now: AuditKeys) {
    this.#records = records;
    this.now = now;
  }

  /** The keys of an entry by its number. Throws `VaultDamaged`. */
  of(tx: ReadTx, seq: number): EntryKeys {
    this.#former ??= this.#read(tx);
    return this.#former.find(({ until }) => seq <= until) ?? this.now;
  }

  /** All keys that entries up to `until` were written with, for the log that goes on with others. */
  epochs(tx: ReadTx, until: number): readonly Epoch[] {
    return [...this.#read(tx), { until, mac: this.now.mac, names: this.now.names }];
  }

  /** Takes over what `epochs` of the log before gave, and wipes what only it had opened. */
  follow(tx: Tx, epochs: readonly Epoch[]): void {
    for (const [n, epoch] of epochs.entries()) {
      const keys = Buffer.concat([epoch.mac, epoch.names]);
      const sealed = seal(this.now.names, INFO, bound(n, epoch.until), keys).toString('base64');
      wipe(keys);
      this.#records.put(tx, ROOM, nameOf(n), { until: epoch.until, sealed });
    }
    for (const epoch of epochs.slice(0, -1)) wipe(epoch.mac, epoch.names);
  }

  /** Ends former times with entry `seq`, behind which the log of a repaired vault goes on with the keys of now. */
  cut(tx: Tx, seq: number): void {
    this.forget();
    const before = this.#readable(tx);
    const last = before.findIndex(({ until }) => until >= seq);
    const kept = last < 0 ? before : before.slice(0, last + 1);
    for (const { id } of this.#records.list(tx, ROOM, stored)) this.#records.remove(tx, ROOM, id);
    if (seq > 0)
      this.follow(
        tx,
        kept.map((epoch) => ({ ...epoch, until: Math.min(epoch.until, seq) })),
      );
    for (const { mac, names } of before) wipe(mac, names);
  }

  /** The MAC key of an entry of a vault that is being repaired: where a row of former times does not open, none fits. */
  macOfDamaged(tx: ReadTx, seq: number): Buffer {
    this.#former ??= this.#readable(tx);
    return this.of(tx, seq).mac;
  }

  #readable(tx: ReadTx): Epoch[] {
    try {
      return this.#read(tx);
    } catch (error) {
      if (!isKeywardError(error, 'VaultDamaged')) throw error;
      return [];
    }
  }

  /** Forgets the keys of former times. */
  forget(): void {
    for (const { mac, names } of this.#former ?? []) wipe(mac, names);
    this.#former = undefined;
  }

  #read(tx: ReadTx): Epoch[] {
    return this.#records.list(tx, ROOM, stored).map(({ id, body }) => {
      const aad = bound(Number(id), body.until);
      const keys = unseal(this.now.names, INFO, aad, Buffer.from(body.sealed, 'base64'));
      if (keys?.length === 64)
        return { until: body.until, mac: keys.subarray(0, 32), names: keys.subarray(32) };
      throw fail('row-does-not-open', { row: `${ROOM}/${id}` });
    });
  }
}

function nameOf(n: number): string {
  return String(n).padStart(6, '0');
}

function bound(n: number, until: number): Buffer {
  return Buffer.from(`${n} ${until}`);
}
