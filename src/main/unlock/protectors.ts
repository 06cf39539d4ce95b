import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { fail, type KeywardError } from '../../shared/errors.ts';
import { isoTime } from '../../shared/measures.ts';
import { randomBytes, randomUuid, wipe } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import { ARGON2_FLOOR, type Argon2Cost } from '../crypto/passphrase.ts';
import type { ReadTx, Tx } from '../store/database.ts';
import type { Records } from '../store/records.ts';
import type { Keychain } from './keychain.ts';
import { settledPassphrase } from './passphrase.ts';
import { PROTECTORS_ROOM, removeProtector } from './protector-rows.ts';
import {
  decodeRecord,
  encodeRecord,
  type NewProtector,
  type ProtectorFacts,
  type ProtectorKind,
  recordHeader,
} from './record.ts';
import { phraseIdentity } from './recovery-recipients.ts';
import { recoveryProtector } from './recovery-record.ts';
import type { RootKey } from './root-key.ts';
import { protectorKeys } from './secret.ts';

/** Which protectors to make. The passphrase's bytes stay the caller's to wipe; `cost` is what it is to cost, at least `ARGON2_FLOOR`. */
export type WantedProtectors = {
  readonly passphrase?: Uint8Array;
  readonly cost?: Argon2Cost;
  readonly recoveryPhrase?: string;
  readonly keychain?: Keychain;
};

/** A protector as it is listed; readable while the vault is locked. */
type ProtectorSummary = { readonly id: string; readonly kind: string; readonly createdAt: string };

type Row = { id: string; kind: string; record: Buffer };

const kept = z.object({ kind: z.string(), digest: z.string() });

/**
 * Makes the protectors of a new vault. Throws `Usage` if the keychain alone would open it,
 * or for a passphrase that `settledPassphrase` refuses; `KeychainUnavailable` if the keychain is wanted and can't be used.
 */
export async function createProtectors(
  root: RootKey,
  wanted: WantedProtectors,
  clock: Clock,
): Promise<NewProtector[]> {
  if (wanted.passphrase === undefined && wanted.recoveryPhrase === undefined) {
    throw fail('personal-way-needed');
  }
  return addProtectors(root, wanted, clock);
}

/** Makes further protectors for a vault that has some. As `createProtectors`, without the rule on the keychain. */
export async function addProtectors(
  root: RootKey,
  wanted: WantedProtectors,
  clock: Clock,
): Promise<NewProtector[]> {
  const { passphrase, recoveryPhrase, keychain } = wanted;
  const made: NewProtector[] = [];
  if (passphrase !== undefined) {
    const settled = settledPassphrase(passphrase);
    const { cost = ARGON2_FLOOR } = wanted;
    made.push(await make(root, 'passphrase', settled, clock, cost).finally(() => wipe(settled)));
  }
  if (recoveryPhrase !== undefined) {
    const { recipients, wipe: forget } = await phraseIdentity(recoveryPhrase);
    forget();
    made.push(await recoveryProtector(root, { kind: 'recovery-phrase', ...recipients }, clock));
  }
  if (keychain !== undefined) {
    const secret = randomBytes(32);
    try {
      await keychain.set(root.vaultId, secret.toString('base64'));
      made.push(await keychainProtector(root, secret, clock));
    } finally {
      wipe(secret);
    }
  }
  return made;
}

/** The protector of a secret that the keychain has already. It stays the caller's to wipe. */
export function keychainProtector(root: RootKey, secret: Uint8Array, clock: Clock): Promise<NewProtector> {
  return make(root, 'keychain', secret, clock);
}

/** Stores protectors, each with its digest under the records' MACs, so that an old one put back is seen. */
export function storeProtectors(tx: Tx, records: Records, protectors: readonly NewProtector[]): void {
  for (const { id, kind, record } of protectors) {
    tx.run('INSERT INTO protectors (id, kind, record) VALUES (?, ?, ?)', id, kind, record);
    records.put(tx, PROTECTORS_ROOM, id, { kind, digest: sha256(record).toString('hex') });
  }
}

/** Takes all protectors of a kind away, those too that only the records, or only the table, know; gives their ids. */
export function removeProtectors(tx: Tx, records: Records, kind: ProtectorKind): string[] {
  const stored = tx.all<Pick<Row, 'id' | 'kind'>>('SELECT id, kind FROM protectors');
  const known = records.list(tx, PROTECTORS_ROOM, kept).map(({ id, body }) => ({ id, kind: body.kind }));
  const ids = new Set([...stored, ...known].filter((each) => each.kind === kind).map(({ id }) => id));
  for (const id of ids) removeProtector(tx, records, id);
  return [...ids].sort();
}

/** The protectors as they stand, damaged ones too; nothing of it is trusted before the vault is unlocked. */
export function listProtectors(tx: ReadTx): ProtectorSummary[] {
  return summariesOf(tx.all<Row>('SELECT id, kind, record FROM protectors ORDER BY kind, id'));
}

/** Those of a damaged vault whose own checksums hold, once each. */
export function protectorSummaries(rows: readonly Row[]): ProtectorSummary[] {
  const whole = rows.flatMap(({ record }) => {
    const facts = decodeRecord(record)?.facts;
    return facts === undefined ? [] : [{ id: facts.id, kind: facts.kind, record }];
  });
  return summariesOf([...new Map(whole.map((row) => [row.id, row])).values()]);
}

function summariesOf(rows: readonly Row[]): ProtectorSummary[] {
  return rows.map((row) => {
    const created = decodeRecord(row.record)?.facts.created ?? 0;
    return { id: row.id, kind: row.kind, createdAt: isoTime(created) };
  });
}

/** A protector that is not as the records say. */
type ProtectorChange = {
  readonly id: string;
  readonly kind: string;
  readonly what: 'removed' | 'changed' | 'added';
};

/** Compares the protectors with what the records say of them. Throws `VaultDamaged` where those don't hold. */
export function protectorChanges(tx: ReadTx, records: Records): ProtectorChange[] {
  const expected = new Map(records.list(tx, PROTECTORS_ROOM, kept).map(({ id, body }) => [id, body]));
  const changes: ProtectorChange[] = [];
  for (const { id, kind, record } of tx.all<Row>('SELECT id, kind, record FROM protectors')) {
    const body = expected.get(id);
    if (body === undefined) changes.push({ id, kind, what: 'added' });
    else if (body.kind !== kind || body.digest !== sha256(record).toString('hex'))
      changes.push({ id, kind: body.kind, what: 'changed' });
    expected.delete(id);
  }
  return [...changes, ...[...expected].map(([id, { kind }]) => ({ id, kind, what: 'removed' as const }))];
}

/**
 * Compares the protectors with what the records say of them, after unlocking. Throws `VaultDamaged` naming one
 * that was changed, removed, put in or put back.
 */
export function verifyProtectors(tx: ReadTx, records: Records): void {
  const [change] = protectorChanges(tx, records);
  if (change === undefined) return;
  throw damaged(change.id, change.what === 'removed' ? 'removed' : 'changed');
}

async function make(
  root: RootKey,
  kind: ProtectorKind,
  secret: Uint8Array,
  clock: Clock,
  cost?: Argon2Cost,
): Promise<NewProtector> {
  const facts: ProtectorFacts = {
    id: randomUuid(),
    kind,
    vaultId: root.vaultId,
    created: clock.now(),
    salt: randomBytes(32),
    ...(cost === undefined ? {} : { cost }),
  };
  const keys = await protectorKeys(facts, secret);
  try {
    const header = recordHeader(facts);
    const record = encodeRecord(header, keys.check, root.wrapped(keys.wrap, header));
    return { id: facts.id, kind, record };
  } finally {
    wipe(keys.wrap);
  }
}

function damaged(id: string, what: 'changed' | 'removed'): KeywardError {
  return fail('protector-changed', { id, what }, { row: `protectors/${id}` });
}
