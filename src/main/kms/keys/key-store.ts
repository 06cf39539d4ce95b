import type { z } from 'zod';
import type { Records } from '../../store/records.ts';
import type { ReadTx, Tx } from '../../store/transaction.ts';
import { damagedRow } from '../errors.ts';
import {
  type AliasRow,
  accessKeyRow,
  aliasRow,
  type ClientRow,
  clientRow,
  formerUseRow,
  type KeyRow,
  keyRow,
  usesRow,
  type VersionRow,
  versionName,
  versionRow,
} from './row-schemas.ts';

const KEYS = 'keys';
const VERSIONS = 'key-versions';
const ALIASES = 'aliases';
const USES = 'message-key-uses';
const TOMBSTONES = 'shredded-keys';
const CLIENTS = 'clients';
const ACCESS_KEYS = 'access-keys';
const FORMER_USES = 'former-uses';

/** The key room's records. Each is checked when read: an edited one throws `VaultDamaged`, naming itself. */
export class KeyRows {
  readonly #records: Records;
  #names: Map<string, string[]> | undefined;

  constructor(records: Records) {
    this.#records = records;
  }

  /** Forgets what is kept in memory of rows, which were just changed past this. */
  forget(): void {
    this.#names = undefined;
  }

  /** The key of this id, if there is one. */
  key(tx: ReadTx, id: string): KeyRow | undefined {
    return this.#records.get(tx, KEYS, id, keyRow);
  }

  /** All keys, sorted by id. */
  keys(tx: ReadTx): { id: string; body: KeyRow }[] {
    return this.#records.list(tx, KEYS, keyRow);
  }

  /** Up to `limit` keys after an id, sorted by id. */
  keysAfter(tx: ReadTx, after: string, limit: number): { id: string; body: KeyRow }[] {
    return this.#records.page(tx, KEYS, keyRow, after, limit);
  }

  /** How many keys there are. */
  keyCount(tx: ReadTx): number {
    return this.#records.count(tx, KEYS);
  }

  putKey(tx: Tx, id: string, row: KeyRow): void {
    this.#records.put(tx, KEYS, id, row);
  }

  /** Removes a key with its versions, counts and aliases, and keeps a mark that it was there. */
  shred(tx: Tx, id: string, now: number): void {
    for (const version of this.versions(tx, id)) {
      this.#records.remove(tx, VERSIONS, versionName(id, version.id));
      this.#records.remove(tx, USES, versionName(id, version.id));
    }
    for (const alias of this.aliases(tx, id)) this.removeAlias(tx, alias.id);
    this.#records.remove(tx, KEYS, id);
    this.#records.put(tx, TOMBSTONES, id, { shredded: now });
  }

  /** One version of a key, if there is one. */
  version(tx: ReadTx, keyId: string, id: string): VersionRow | undefined {
    return this.#records.get(tx, VERSIONS, versionName(keyId, id), versionRow);
  }

  /** All versions of a key, oldest first. */
  versions(tx: ReadTx, keyId: string): { id: string; body: VersionRow }[] {
    const prefix = versionName(keyId, '');
    const found = this.#records
      .list(tx, VERSIONS, versionRow, prefix)
      .map(({ id, body }) => ({ id: id.slice(prefix.length), body }));
    if (found.length === 0) throw damagedRow(`${VERSIONS}/${prefix}`);
    return found.sort(byAge);
  }

  /** The versions of all keys by key, each oldest first: one look where `versions` would take one for each key. */
  versionsOfAll(tx: ReadTx): ReadonlyMap<string, { id: string; body: VersionRow }[]> {
    const found = new Map<string, { id: string; body: VersionRow }[]>();
    for (const { id: name, body } of this.#records.list(tx, VERSIONS, versionRow)) {
      const [keyId = '', id = ''] = name.split('/');
      const known = found.get(keyId);
      if (known === undefined) found.set(keyId, [{ id, body }]);
      else known.push({ id, body });
    }
    for (const versions of found.values()) versions.sort(byAge);
    return found;
  }

  putVersion(tx: Tx, keyId: string, id: string, row: VersionRow): void {
    this.#records.put(tx, VERSIONS, versionName(keyId, id), row);
  }

  /** Removes a version that the key never used. */
  removeVersion(tx: Tx, keyId: string, id: string): void {
    this.#records.remove(tx, VERSIONS, versionName(keyId, id));
  }

  /** How many data keys of AWS messages a version has wrapped. */
  messageUses(tx: ReadTx, keyId: string, id: string): number {
    return this.#records.get(tx, USES, versionName(keyId, id), usesRow)?.count ?? 0;
  }

  putMessageUses(tx: Tx, keyId: string, id: string, count: number): void {
    this.#records.put(tx, USES, versionName(keyId, id), { count });
  }

  /** The last use of a key that an earlier log tells of, of a vault that was restored; `time` in ISO 8601. */
  formerUse(tx: ReadTx, keyArn: string): z.output<typeof formerUseRow> | undefined {
    return this.#records.get(tx, FORMER_USES, keyArn, formerUseRow);
  }

  /** The alias of this name (with `alias/`), if there is one. */
  alias(tx: ReadTx, name: string): AliasRow | undefined {
    return this.#records.get(tx, ALIASES, name, aliasRow);
  }

  /** All aliases, sorted by name; with `target`, only those of that key. */
  aliases(tx: ReadTx, target?: string): { id: string; body: AliasRow }[] {
    if (target === undefined) return this.#records.list(tx, ALIASES, aliasRow);
    return this.#namesOf(tx, target).flatMap((id) => {
      const body = this.alias(tx, id);
      return body?.target === target ? [{ id, body }] : [];
    });
  }

  /** Up to `limit` aliases after a name, sorted by name. */
  aliasesAfter(tx: ReadTx, after: string, limit: number): { id: string; body: AliasRow }[] {
    return this.#records.page(tx, ALIASES, aliasRow, after, limit);
  }

  removeAlias(tx: Tx, name: string): void {
    const target = this.alias(tx, name)?.target;
    if (target !== undefined) this.#rename(tx, target, (names) => names.filter((one) => one !== name));
    this.#records.remove(tx, ALIASES, name);
  }

  putAlias(tx: Tx, name: string, row: AliasRow): void {
    this.removeAlias(tx, name);
    this.#rename(tx, row.target, (names) => [...names, name].sort());
    this.#records.put(tx, ALIASES, name, row);
  }

  /** Names of a key, out of a list that is made once and kept in step: a vault may have very many aliases. */
  #namesOf(tx: ReadTx, target: string): readonly string[] {
    if (this.#names === undefined) {
      const names = new Map<string, string[]>();
      for (const { id, body } of this.aliases(tx)) {
        const known = names.get(body.target);
        if (known === undefined) names.set(body.target, [id]);
        else known.push(id);
      }
      this.#names = names;
    }
    return this.#names.get(target) ?? [];
  }

  #rename(tx: Tx, target: string, change: (names: readonly string[]) => string[]): void {
    const names = change(this.#namesOf(tx, target));
    this.#names?.set(target, names);
    tx.onRollback(() => {
      this.#names = undefined;
    });
  }

  /** The client of this name, revoked or not, if there is one. */
  client(tx: ReadTx, name: string): ClientRow | undefined {
    return this.#records.get(tx, CLIENTS, name, clientRow);
  }

  /** All clients, sorted by name. */
  clients(tx: ReadTx): { id: string; body: ClientRow }[] {
    return this.#records.list(tx, CLIENTS, clientRow);
  }

  /** Writes a client; its access key finds it for as long as it is not revoked. */
  putClient(tx: Tx, name: string, row: ClientRow): void {
    this.#records.put(tx, CLIENTS, name, row);
    if (row.revoked === undefined) this.#records.put(tx, ACCESS_KEYS, row.accessKeyId, { client: name });
    else this.#records.remove(tx, ACCESS_KEYS, row.accessKeyId);
  }

  /** The client that an access key belongs to; undefined for one that was revoked or never was. */
  clientOfAccessKey(tx: ReadTx, accessKeyId: string): { name: string; row: ClientRow } | undefined {
    const name = this.#records.get(tx, ACCESS_KEYS, accessKeyId, accessKeyRow)?.client;
    const row = name === undefined ? undefined : this.client(tx, name);
    return name === undefined || row === undefined ? undefined : { name, row };
  }
}

function byAge(a: { id: string; body: VersionRow }, b: { id: string; body: VersionRow }): number {
  return a.body.created - b.body.created || (a.id < b.id ? -1 : 1);
}
