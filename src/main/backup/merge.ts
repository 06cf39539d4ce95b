import { z } from 'zod';
import type { MergePlan } from '../../shared/backup-contract.ts';
import type { Clock } from '../../shared/clock.ts';
import { fail, type Json, type KeywardError } from '../../shared/errors.ts';
import { ownEvent } from '../audit/event.ts';
import type { AuditLog } from '../audit/log.ts';
import { sha256 } from '../crypto/hash.ts';
import type { KeyService } from '../kms/service.ts';
import type { ReadTx, Store, Tx } from '../store/database.ts';
import { readIdentity } from '../store/identity.ts';
import type { Records } from '../store/records.ts';
import { removeProtector } from '../unlock/protector-rows.ts';
import type { RecoveryIdentity } from '../unlock/recovery-identity.ts';
import { phraseIdentity, recoverySets } from '../unlock/recovery-recipients.ts';
import { SETS_ROOM } from '../unlock/recovery-rows.ts';
import type { RootKey } from '../unlock/root-key.ts';
import type { FileCatalogRows } from './collect.ts';
import type { Device } from './device.ts';
import { markOf } from './due.ts';
import type { Manifest } from './manifest.ts';
import { type OpenedBackup, openBackup } from './restore.ts';
import { adoptedRows, understood } from './unite/adopt.ts';
import { hasTakenIn, takeIn } from './unite/logs.ts';
import { RowSet } from './unite/row-set.ts';
import type { Difference, Union } from './unite/union.ts';
import { UNITED_ROOMS, unite } from './unite/unite.ts';

/** What backups are merged into: an open vault. */
type MergesOptions = {
  readonly store: Store;
  readonly records: Records;
  readonly root: RootKey;
  readonly device: Device;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly catalog: FileCatalogRows;
  readonly kms: Pick<KeyService, 'forgetRows'>;
};

/** Which backup is merged, and who says so. `tell`: reports which step is being done, of how many. */
type MergeInput = {
  readonly from: string;
  readonly phrase: string;
  readonly keys?: readonly string[] | undefined;
  readonly formerPhrase?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly tell: (done: number, of: number, path: string) => void;
};

/** What is done of a plan: which differences are taken, by id. */
type Decision = {
  readonly plan: string;
  readonly take: readonly string[];
  readonly principal: string;
};

/** A backup that may be merged, its rows under this vault's root key. */
type Mergeable = {
  readonly opened: OpenedBackup;
  readonly there: RowSet;
  readonly notes: readonly string[];
};

const STEPS = 3;
const anything = z.json() as unknown as z.ZodType<Json>;

/** Merges backups of the same vault, of this installation or another, into the open vault (docs/recovery.md). */
export class Merges {
  readonly #options: MergesOptions;

  constructor(options: MergesOptions) {
    this.#options = options;
  }

  /**
   * What merging a backup would come to; nothing is written. Throws what `openBackup` throws, `BackupOfOtherVault`,
   * `BackupOlder` for one that the vault has everything of, and `WrongRecoveryPhrase` for a phrase that is no way in any more.
   */
  async compare(input: MergeInput): Promise<MergePlan> {
    const found = await this.#open(input);
    return this.#options.store.read((tx) => this.#planOf(tx, found, this.#union(tx, found)));
  }

  /**
   * Merges a backup, as a plan has it: in one transaction, with its entry in the log. Throws as `compare`, `VaultChanged`
   * if vault or backup are not what the plan was made for, `ValidationException` for a difference that the plan does not have.
   */
  async merge(
    input: MergeInput,
    { plan, take, principal }: Decision,
  ): Promise<MergePlan & { taken: string[] }> {
    const found = await this.#open(input);
    const { audit, records, catalog, kms } = this.#options;
    input.tell(2, STEPS, found.opened.path);
    input.signal.throwIfAborted();
    const { document, manifest, path } = found.opened;
    return audit.write((tx) => {
      const union = this.#union(tx, found);
      const made = this.#planOf(tx, found, union);
      if (made.plan !== plan) throw changed(path);
      const taken = this.#take(union.differences, take);
      takeIn(union.here, document);
      const { puts, removed } = union.here.changes();
      this.#endSets(
        tx,
        removed.flatMap(([room, id]) => (room === SETS_ROOM ? [id] : [])),
      );
      for (const [room, id] of removed) records.remove(tx, room, id);
      for (const [room, id, body] of puts) records.put(tx, room, id, body);
      for (const [messageId, entry] of document.catalog)
        catalog.mergePacked(tx, Buffer.from(messageId, 'hex'), entry as Json);
      tx.onRollback(() => kms.forgetRows());
      kms.forgetRows();
      const { device, sequence, created, sha256: hash, head } = manifest;
      audit.append(tx, {
        ...ownEvent(principal, 'MergeBackup', {
          ...{ device: device.id, sequence, created, sha256: hash, head },
          changes: countsOf(made.changes),
          kept: made.kept.length,
          taken: taken.slice(0, MAX_NAMED),
          takenInAll: taken.length,
        }),
        file: { path },
      });
      return { ...made, taken };
    });
  }

  /** What goes with recovery sets that end: the ways to unlock that they give, and their word for this device. */
  #endSets(tx: Tx, ids: readonly string[]): void {
    const { records, device } = this.#options;
    for (const { id, certifier } of recoverySets(tx, records)) {
      if (!ids.includes(id)) continue;
      device.uncertify(tx, certifier);
      removeProtector(tx, records, id);
    }
  }

  async #open(input: MergeInput): Promise<Mergeable> {
    const { from, phrase, keys, formerPhrase, signal, tell } = input;
    const { store, root } = this.#options;
    const identity = await phraseIdentity(phrase);
    try {
      tell(0, STEPS, from);
      const opened = await openBackup(from, identity, {
        ...(keys === undefined ? {} : { keys }),
        vault: root.vaultId,
        isKnown: (manifest) => store.read((tx) => this.#isKnown(tx, manifest)),
      });
      try {
        signal.throwIfAborted();
        const { path, manifest, document } = opened;
        if (store.read((tx) => this.#isKnown(tx, manifest))) throw older(path, manifest);
        this.#requirePhrase(identity, path, formerPhrase === true);
        tell(1, STEPS, path);
        const there = understood(path, () => adoptedRows(document, opened.root, root));
        const notes = opened.root.equals(root) ? [] : [OTHER_ROOT];
        return { opened, there, notes };
      } finally {
        opened.root.wipe();
      }
    } finally {
      identity.wipe();
    }
  }

  #requirePhrase({ recipients }: RecoveryIdentity, path: string, formerIsFine: boolean): void {
    const { store, records } = this.#options;
    const sets = store.read((tx) => recoverySets(tx, records));
    if (formerIsFine || sets.some(({ certifier }) => certifier === recipients.certifier)) return;
    throw fail('phrase-formerly-of-vault', { path }, { path, former: true });
  }

  /**
   * Whether the vault has all that is in a backup: it took it or a later one in, or its own log goes on from where that
   * of the backup ended. The device may have become another since, by a revocation.
   */
  #isKnown(tx: ReadTx, { device, sequence, head }: Manifest): boolean {
    if (hasTakenIn(this.#rows(tx, ['former-logs']), device.id, sequence)) return true;
    return this.#options.audit.hashAt(head.seq) === head.hash;
  }

  #rows(tx: ReadTx, rooms: readonly string[]): RowSet {
    const { records } = this.#options;
    return new RowSet(
      rooms.flatMap((room) =>
        records.list(tx, room, anything).map(({ id, body }) => [room, id, body] as const),
      ),
    );
  }

  #union(tx: ReadTx, { opened, there }: Mergeable): Omit<Union, 'nameOf'> {
    const { account } = readIdentity(tx);
    const now = this.#options.clock.now();
    return understood(opened.path, () =>
      unite(this.#rows(tx, UNITED_ROOMS), there, { mode: 'whole', now, account }),
    );
  }

  #planOf(tx: ReadTx, { opened, notes }: Mergeable, union: Omit<Union, 'nameOf'>): MergePlan {
    const { manifest, document, path, passedOver } = opened;
    const { catalog } = this.#options;
    return {
      plan: sha256(Buffer.from(`${manifest.sha256} ${markOf(tx)}`)).toString('hex'),
      backup: { path, created: manifest.created, device: manifest.device.id, sequence: manifest.sequence },
      passedOver: [...passedOver],
      changes: union.changes,
      kept: union.kept,
      differences: union.differences.map(({ take: _take, ...shown }) => shown),
      files: document.catalog.filter(([id]) => catalog.look(tx, Buffer.from(id, 'hex')).entry === undefined)
        .length,
      notes: [...notes, ...union.notes],
    };
  }

  #take(differences: readonly Difference[], ids: readonly string[]): string[] {
    const byId = new Map(differences.map((one) => [one.id, one]));
    for (const id of new Set(ids)) {
      const one = byId.get(id);
      if (one === undefined) throw noDifference(id);
      one.take();
    }
    return [...new Set(ids)];
  }
}

/** How many of the differences that were taken are named in the log. */
const MAX_NAMED = 100;

const OTHER_ROOT =
  'The backup is under another root key than this vault: it is from before the root key was changed here or there. What was revoked then may know what is in it. Rotate the keys that come from it, and re-encrypt what is under them.';

function countsOf(changes: MergePlan['changes']): { [kind: string]: number } {
  const counts: { [kind: string]: number } = {};
  for (const { kind } of changes) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function older(path: string, { created, device, sequence }: Manifest): KeywardError {
  return fail('backup-older', { path, created }, { path, created, device: device.id, sequence });
}

function changed(path: string): KeywardError {
  return fail('vault-changed-since-compared', { path });
}

function noDifference(id: string): KeywardError {
  return fail('no-such-difference', { id });
}
