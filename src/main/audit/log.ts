import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditVerdict } from '../../shared/audit-contract.ts';
import type { Clock } from '../../shared/clock.ts';
import { fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import { randomUuid } from '../crypto/bytes.ts';
import type { Store } from '../store/database.ts';
import type { Records } from '../store/records.ts';
import { isMoved } from '../store/sql-errors.ts';
import type { ReadTx, Tx } from '../store/transaction.ts';
import {
  entryHash,
  entryMac,
  genesis,
  headRecord,
  isIntact,
  LINKED,
  type LinkedRow,
  readHead,
} from './chain.ts';
import {
  type AuditEntry,
  type AuditEvent,
  eventText,
  type OpenedEvent,
  openEvent,
  ownEvent,
  shownEntry,
  storedBody,
  storedEvent,
} from './event.ts';
import { GAP, gapEvent } from './gap.ts';
import type { Head } from './head.ts';
import { ROOM } from './head.ts';
import { isUse, LastUses } from './last-use.ts';
import { changedFromOutside, unwritable } from './log-errors.ts';
import { type AuditKeys, LogKeys } from './log-keys.ts';
import { type AuditPage, type AuditQuery, type SearchFacts, searchLog } from './search.ts';
import { coverageOf, SearchIndex } from './search-index.ts';
import { Segments } from './segments.ts';
import { verifyLog } from './verify.ts';

/** How many entries are held in memory at most; beyond that, everything that must be logged is refused. */
const MAX_HELD = 10_000;

/** Disk errors that keep the log from being written. */
const TROUBLES = ['VaultMoved', 'DiskFull', 'DiskReadOnly', 'IoFailed'] as const;

/** Why and since when (ms since 1970) nothing can be written. */
export type AuditTrouble = { readonly because: (typeof TROUBLES)[number]; readonly since: number };

/** The vault that a log belongs to. */
type AuditVault = { readonly id: string; readonly account: string; readonly region: string };

/**
 * The hash-chained log (docs/adr/0007). Entries are appended inside the transaction of what they report;
 * the head goes on record, under its MAC, once at the end of each transaction.
 */
export class AuditLog {
  readonly #store: Store;
  readonly #records: Records;
  readonly #keys: LogKeys;
  readonly #vault: AuditVault;
  readonly #clock: Clock;
  readonly #segments: Segments;
  readonly #lastUses: LastUses;
  readonly #index: SearchIndex;
  /** The head while a transaction is under way; between transactions it is read anew. */
  #head: Head | undefined;
  #held: readonly OpenedEvent[] = [];
  #trouble: AuditTrouble | undefined;

  /** `keys`: for MACs, for sealing paths and the signing key, for the terms of the search index. They stay the caller's to wipe. */
  constructor(store: Store, records: Records, keys: AuditKeys, vault: AuditVault, clock: Clock) {
    this.#store = store;
    this.#records = records;
    this.#keys = new LogKeys(records, keys);
    this.#vault = vault;
    this.#clock = clock;
    this.#segments = new Segments(records, vault.id, keys.names);
    this.#lastUses = new LastUses(keys);
    this.#index = new SearchIndex(this.#keys);
  }

  /** Begins the log of a new vault, once in its life. */
  create(tx: Tx): void {
    this.#segments.create(tx);
    this.#move(tx, { seq: 0, hash: genesis(this.#vault.id), segment: 0, index: { from: 0, upto: 0 } });
  }

  /** Appends one entry; entries that were held back go before it, announced by a signed gap entry. */
  append(tx: Tx, event: AuditEvent): AuditEntry {
    this.#release(tx, event.principal);
    return this.#write(tx, this.#stored(event));
  }

  /**
   * Keeps an entry in memory because it can't be written: for decryption while the disk is full or read-only
   * and "open files without audit" is on. The next `append` writes it.
   */
  hold(event: AuditEvent): void {
    this.#held = [...this.#held, this.#stored(event)];
  }

  /** How many entries are held back in memory. */
  get held(): number {
    return this.#held.length;
  }

  /** Whether memory has room for one more entry to be held back. */
  get mayHold(): boolean {
    return this.#held.length < MAX_HELD;
  }

  /** Why the log can't be written, from the first entry that failed until the next one that succeeds. */
  get trouble(): AuditTrouble | undefined {
    return this.#trouble;
  }

  /** `Store.group` for work that must be logged: a full or read-only disk becomes `AuditUnwritable`. */
  async group<T>(act: (tx: Tx) => T): Promise<T> {
    try {
      return await this.#store.group(act);
    } catch (error) {
      throw this.#noted(error);
    }
  }

  /** `Store.write` for work that must be logged: a full or read-only disk becomes `AuditUnwritable`. */
  write<T>(act: (tx: Tx) => T): T {
    try {
      return this.#store.write(act);
    } catch (error) {
      throw this.#noted(error);
    }
  }

  /**
   * Writes one entry on what holds whether or not it can be written down: a refusal, a step down, an end. Where it
   * can't, the entry is held, if memory has room for it. Returns whether it was written.
   */
  writeOrHold(event: AuditEvent): boolean {
    try {
      this.write((tx) => this.append(tx, event));
      return true;
    } catch (error) {
      if (!isKeywardError(error, 'AuditUnwritable', 'IoFailed')) throw error;
      if (this.mayHold) this.hold(event);
      return false;
    }
  }

  /**
   * Tries to end a trouble by an entry of its own, in the name of `principal`, behind those that were held. Throws
   * what `write` throws while the trouble lasts.
   */
  makeGood(principal: string): void {
    const trouble = this.#trouble;
    if (trouble === undefined) return;
    const about = { because: trouble.because, since: new Date(trouble.since).toISOString() };
    this.write((tx) => this.append(tx, ownEvent(principal, 'AuditResumed', about)));
  }

  /** A page of the entries that fit, newest first, paths opened; see `searchLog`. */
  search(query: AuditQuery = {}): AuditPage {
    return this.#store.read((tx) => searchLog(tx, this.#searchFacts, this.#current(tx), query));
  }

  /** The newest entries that fit, `limit` (100) at most, however far back they are. */
  list(query: AuditQuery = {}): AuditEntry[] {
    const limit = query.limit ?? 100;
    const found: AuditEntry[] = [];
    let { before } = query;
    while (found.length < limit) {
      const left = limit - found.length;
      const page = this.search({ ...query, limit: left, ...(before === undefined ? {} : { before }) });
      found.push(...page.entries);
      if (page.next === undefined) break;
      before = page.next;
    }
    return found;
  }

  /** Empties the search index; `indexMore` fills it again. */
  beginIndex(tx: Tx): void {
    const head = this.#current(tx);
    this.#move(tx, { ...head, index: this.#index.begin(tx, head) });
  }

  /**
   * Enters some more of the entries that are not in the search index yet; true while there are more. Nothing of the
   * reserve is used for it. Throws the disk errors.
   */
  indexMore(): boolean {
    return this.#store.writeWithinRoom((tx) => {
      const head = this.#current(tx);
      const index = this.#index.backfill(tx, head);
      this.#move(tx, { ...head, index });
      return index.from > 0;
    });
  }

  /** Whether there are entries that `indexMore` would enter. */
  get isUnindexed(): boolean {
    return this.#store.read((tx) => coverageOf(this.#current(tx)).from > 0);
  }

  /** As `indexMore`, until all are; other work gets its turn meanwhile. Throws `Cancelled` too. */
  async indexAll(signal: AbortSignal): Promise<void> {
    while (this.indexMore()) await turnOf(signal, () => fail('search-index-cancelled'));
  }

  /**
   * The entry of the last successful use of a key for a cryptographic operation; `undefined` if there was none.
   * Throws `AuditBroken` if the index of last uses was changed from outside, or points to no such entry.
   */
  lastUse(tx: ReadTx, keyArn: string): AuditEntry | undefined {
    const seq = this.#lastUses.seqOf(tx, keyArn, this.#current(tx).uses);
    if (seq === undefined) return undefined;
    const row = tx.get<LinkedRow>(`${LINKED} WHERE a.seq = ?`, seq);
    const opened = row === undefined ? undefined : openEvent(row.body, this.#keys.of(tx, seq).names);
    const isBorneOut = opened !== undefined && isUse(opened.event) && opened.event.keyArns.includes(keyArn);
    const holds = row !== undefined && isIntact(row, this.#vault.id, this.#keys.of(tx, seq).mac);
    if (!holds || !isBorneOut) throw changedFromOutside(seq);
    return shownEntry(seq, opened, true);
  }

  /**
   * Walks the whole log and names the first entry that does not hold. Other work gets its turn meanwhile. Throws
   * `Cancelled` where `signal` was aborted before the end.
   */
  async verify(signal?: AbortSignal): Promise<AuditVerdict> {
    const facts = {
      vaultId: this.#vault.id,
      macAt: (tx: ReadTx, seq: number) => this.#keys.of(tx, seq).mac,
      headOf: (tx: ReadTx) => readHead(tx, this.#records),
      index: this.#index,
    };
    const turn = () => turnOf(signal, () => fail('audit-check-cancelled'));
    return verifyLog(this.#store, this.#segments, facts, turn);
  }

  /** Where the log ends: a checkpoint to be kept in the keychain, in backups and at named anchors. */
  head(): { seq: number; hash: string } {
    const head = this.#store.read((tx) => readHead(tx, this.#records));
    return { seq: head.seq, hash: head.hash.toString('hex') };
  }

  /** The hash of an entry, hex, to hold the log against an older head; `undefined` if there is no such entry. */
  hashAt(seq: number): string | undefined {
    return this.#store.read((tx) =>
      tx.get<{ hash: Buffer }>('SELECT hash FROM audit WHERE seq = ?', seq)?.hash.toString('hex'),
    );
  }

  /** The log's first public key, 32 bytes, for the recovery kit and for backups. */
  firstPublicKey(): Buffer {
    return this.#store.read((tx) => this.#segments.firstPublicKey(tx));
  }

  /**
   * Ends the segment, at lock: signs it, certifies the next key and overwrites the old private key, which has
   * left the disk after `Store.checkpoint` or `close`. A segment without entries goes on.
   */
  seal(tx: Tx): void {
    const head = this.#current(tx);
    const open = this.#segments.list(tx).at(-1);
    if (open !== undefined && open.first_seq > head.seq) return;
    this.#move(tx, { ...head, segment: this.#segments.seal(tx, head) });
  }

  /**
   * Goes on with the log of another root key, whose records were taken over as they are: its keys become those of a former
   * time, what it keeps sealed is sealed anew, and the search index begins anew.
   */
  follow(tx: Tx, before: AuditLog, epochs: ReturnType<AuditLog['epochs']>): void {
    const head = readHead(tx, this.#records);
    this.#keys.follow(tx, epochs);
    this.#segments.reseal(tx, before.#segments, head.segment);
    const { uses: _of, ...rest } = head;
    const uses = head.uses === undefined ? undefined : this.#lastUses.sumAnew(tx);
    this.#move(tx, {
      ...rest,
      ...(uses === undefined ? {} : { uses }),
      index: this.#index.begin(tx, head),
    });
  }

  /** The keys of all entries until now, for `follow` of the log of another root key. */
  epochs(tx: ReadTx): ReturnType<LogKeys['epochs']> {
    return this.#keys.epochs(tx, this.#current(tx).seq);
  }

  /** Forgets the keys of former times that were opened. */
  forget(): void {
    this.#keys.forget();
  }

  #stored(event: AuditEvent): OpenedEvent {
    const facts = {
      eventID: randomUuid(),
      now: this.#clock.now(),
      account: this.#vault.account,
      region: this.#vault.region,
    };
    return { event: storedEvent(event, facts, this.#keys.now.names), path: event.file?.path, isWhole: true };
  }

  #release(tx: Tx, principal: string): void {
    const held = this.#held;
    if (held.length === 0) return;
    this.#held = [];
    tx.onRollback(() => {
      this.#held = [...held, ...this.#held];
    });
    const { hash, segment } = this.#current(tx);
    const facts = {
      vaultId: this.#vault.id,
      before: hash,
      principal,
      until: new Date(this.#clock.now()).toISOString(),
    };
    const gap = gapEvent(
      held.map(({ event }) => event),
      facts,
      (message) => this.#segments.sign(tx, segment, message),
    );
    this.#write(tx, this.#stored(gap));
    for (const event of held) this.#write(tx, event);
  }

  #write(tx: Tx, opened: OpenedEvent): AuditEntry {
    const { event } = opened;
    const head = this.#current(tx);
    const seq = head.seq + 1;
    // A gap stays plain: whoever verifies the log looks for it in every entry.
    const body = event.eventName === GAP ? Buffer.from(eventText(event)) : storedBody(event);
    const hash = entryHash(head.hash, seq, body);
    try {
      tx.run(
        'INSERT INTO audit (seq, body, hash, mac) VALUES (?, ?, ?, ?)',
        seq,
        body,
        hash,
        entryMac(this.#keys.now.mac, hash),
      );
    } catch (error) {
      if (!isKeywardError(error) || error.details['sqlite'] !== 'SQLITE_CONSTRAINT_PRIMARYKEY') throw error;
      throw changedFromOutside(seq);
    }
    this.#lastUses.note(tx, seq, event);
    this.#index.note({ seq, body }, opened);
    this.#move(tx, { ...head, seq, hash });
    return shownEntry(seq, opened, true);
  }

  get #searchFacts(): SearchFacts {
    return { vaultId: this.#vault.id, keys: this.#keys, index: this.#index };
  }

  #current(tx: ReadTx): Head {
    return this.#head ?? readHead(tx, this.#records);
  }

  #move(tx: Tx, after: Head): void {
    const before = this.#head;
    this.#head = after;
    tx.onRollback(() => {
      this.#head = before;
    });
    tx.beforeCommit(this, (last) => {
      const head = this.#head;
      if (head === undefined) return;
      const uses = this.#lastUses.write(last, head.uses);
      // Room that is short is for entries.
      const index = this.#store.isTight ? coverageOf(head) : this.#index.appendBlocks(last, head);
      const whole = { ...head, index, ...(uses === undefined ? {} : { uses }) };
      this.#records.put(last, ROOM, 'head', headRecord(whole));
      this.#head = undefined;
      const trouble = this.#trouble;
      this.#trouble = undefined;
      last.onRollback(() => {
        this.#trouble = trouble;
      });
    });
  }

  #noted(error: unknown): unknown {
    const because = isMoved(error)
      ? 'VaultMoved'
      : TROUBLES.find((why) => why !== 'VaultMoved' && isKeywardError(error, why));
    if (because !== undefined) this.#trouble ??= { because, since: this.#clock.now() };
    return unwritable(error);
  }
}

/** Lets other work get its turn. Throws `Cancelled` once `signal` was aborted. */
async function turnOf(signal: AbortSignal | undefined, told: () => KeywardError): Promise<void> {
  await nextTurn();
  if (signal?.aborted) throw told();
}
