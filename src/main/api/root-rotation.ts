import type { Clock } from '../../shared/clock.ts';
import type { PersonalCredential } from '../../shared/credential.ts';
import { fail, isKeywardError } from '../../shared/errors.ts';
import type { RootRotated } from '../../shared/protector-contract.ts';
import { ownEvent } from '../audit/event.ts';
import { certifierBy, enroll } from '../backup/enroll.ts';
import { wipe } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import type { Argon2Cost } from '../crypto/passphrase.ts';
import { rewrapRows } from '../kms/rewrap-rows.ts';
import type { Caller } from '../kms/types.ts';
import type { ReadTx, Tx } from '../store/database.ts';
import type { RecordRow } from '../store/record-row.ts';
import type { Keychain } from '../unlock/keychain.ts';
import { newTestedProtector, type ProtectorSecret } from '../unlock/new-protector.ts';
import { listProtectors, removeProtectors, storeProtectors } from '../unlock/protectors.ts';
import type { NewProtector, ProtectorKind } from '../unlock/record.ts';
import type { RecoveryIdentity } from '../unlock/recovery-identity.ts';
import { recoverySets, removeRecoverySet } from '../unlock/recovery-recipients.ts';
import { PHRASE } from '../unlock/recovery-rows.ts';
import { renewedWays } from '../unlock/renew-protectors.ts';
import { RootKey } from '../unlock/root-key.ts';
import { beginRevocation } from './revocation-mark.ts';
import { type Services, wireServices } from './services.ts';

/** What a vault gets a new root key with. */
type RotationDeps = {
  readonly services: Services;
  readonly root: RootKey;
  readonly keychain: Keychain;
  readonly keysFile: string | undefined;
  readonly clock: Clock;
  readonly cost: Argon2Cost;
};

/**
 * Of a leaked way in: which, what stands in its place, and the recovery identity that answers for the new device. Share sets
 * end with it, and so does the phrase unless it is that identity's.
 */
export type Revocation = {
  readonly kind: ProtectorKind;
  readonly secret: ProtectorSecret | undefined;
  readonly identity: RecoveryIdentity;
};

/** How it goes on, and who does it. */
type RotationOptions = {
  readonly caller: Caller;
  readonly credential: PersonalCredential;
  readonly signal: AbortSignal;
  readonly tell: (done: number, of: number) => void;
  readonly revocation?: Revocation;
};

/** What a vault is under its new root key: its services and the key itself, which the caller wipes. */
type Rotated = Pick<RootRotated, 'protectors' | 'removed'> & {
  readonly services: Services;
  readonly root: RootKey;
};

/** Each try finds that something else was written meanwhile. */
const ATTEMPTS = 3;

/**
 * Gives a vault a new root key (docs/adr/0020): all that is wrapped under the old one is wrapped anew, every row gets
 * another MAC, the ways to unlock are made anew, all in one transaction with its entry. The services of before must not be
 * used again. Throws what the rooms throw, and `VaultChanged`; nothing has changed then.
 */
export async function rotateRoot(deps: RotationDeps, options: RotationOptions): Promise<Rotated> {
  const { services: old, clock, keysFile } = deps;
  const root = RootKey.create(deps.root.vaultId);
  const next = wireServices({ store: old.store, keysFile }, root, old.vault, clock);
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const ways = await waysUnder(deps, root, options);
      const prepared = await prepare(deps, root, options);
      const done = old.audit.write((tx) => {
        if (markOf(tx) !== prepared.mark) return undefined;
        replace(tx, { old, next }, prepared, ways, options);
        // Read here: behind the transaction nothing may fail any more.
        return { protectors: listProtectors(tx) };
      });
      if (done === undefined) continue;
      // What the transaction replaced stands in no journal either, and the second file is of this root key.
      orNextUnlock(() => old.store.checkpoint());
      orNextUnlock(() => next.keysFile?.rewrite());
      return { services: next, root, ...done, removed: ways.removed.map((one) => ({ ...one })) };
    }
    throw fail('vault-used-meanwhile');
  } catch (error) {
    next.wipe();
    root.wipe();
    throw error;
  }
}

/** The vault is under its new root key by now: what a full disk keeps from being done, the next unlock does. */
function orNextUnlock(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!isKeywardError(error)) throw error;
  }
}

type Ways = {
  readonly kept: readonly NewProtector[];
  readonly removed: readonly { readonly kind: ProtectorKind; readonly why: string }[];
};

async function waysUnder(
  { services, keychain, clock, cost }: RotationDeps,
  root: RootKey,
  { credential, revocation }: RotationOptions,
): Promise<Ways> {
  const { kinds, sets } = services.store.read((tx) => ({
    kinds: [...new Set(listProtectors(tx).map(({ kind }) => kind))],
    sets: recoverySets(tx, services.records),
  }));
  const options = { credential, keychain, clock, cost };
  if (revocation === undefined) return renewedWays(root, kinds, sets, options);
  const { kind, secret, identity } = revocation;
  // A share set's certificate on the new device would need its papers.
  const stays = kinds.filter((one) => one !== kind && one !== 'shares');
  const known = sets.filter((set) => set.certifier === identity.recipients.certifier);
  const { kept, removed } = await renewedWays(root, stays, known, options);
  const made = secret === undefined ? [] : [await newTestedProtector(root, secret, clock)];
  const lost = kinds.includes('shares') && kind !== 'shares';
  return {
    kept: [...kept, ...made],
    removed: [
      ...removed,
      ...(lost ? [{ kind: 'shares' as const, why: 'its papers would be needed; split a new set' }] : []),
      ...(secret === undefined && kinds.includes(kind) ? [{ kind, why: 'it was revoked' }] : []),
    ],
  };
}

type Prepared = {
  readonly mark: string;
  readonly rows: readonly Omit<RecordRow, 'mac'>[];
};

/** Wraps everything anew, before anything is written; other work gets its turn. */
async function prepare(
  { services, root: before }: RotationDeps,
  root: RootKey,
  { signal, tell }: RotationOptions,
): Promise<Prepared> {
  const { store, records } = services;
  const { rows, mark } = store.read((tx) => ({ rows: [...records.all(tx)], mark: markOf(tx) }));
  const keys = { from: before.purposeKey('key-wrap'), to: root.purposeKey('key-wrap') };
  try {
    return { mark, rows: await rewrapRows(root.vaultId, rows, keys, { signal, tell }) };
  } finally {
    wipe(keys.from, keys.to);
  }
}

/** Changes with every row, whichever it is. */
function markOf(tx: ReadTx): string {
  const rows = tx.all<{ mac: Buffer }>('SELECT mac FROM records ORDER BY room, id');
  return sha256(...rows.map(({ mac }) => mac)).toString('hex');
}

function replace(
  tx: Tx,
  { old, next }: { readonly old: Services; readonly next: Services },
  { rows }: Prepared,
  { kept, removed }: Ways,
  { caller, revocation }: RotationOptions,
): void {
  const { records } = next;
  const epochs = old.audit.epochs(tx);
  const prints = old.prints.keys(tx);
  const sets = revocation === undefined ? [] : recoverySets(tx, old.records);
  const former = old.device.facts(tx);
  try {
    records.replaceAll(tx, rows);
    next.prints.carry(tx, prints);
  } finally {
    wipe(...prints);
  }
  for (const { kind } of listProtectors(tx)) removeProtectors(tx, records, kind as ProtectorKind);
  storeProtectors(tx, records, kept);
  next.backupFolders.follow(tx, old.backupFolders);
  if (revocation === undefined) next.device.reseal(tx, old.device);
  else {
    for (const { id } of sets) removeRecoverySet(tx, records, id, next.clock.now());
    // Whoever has the old root key has the old device's too.
    next.device.succeed(tx, old.device, next.clock.now(), certifierBy(revocation.identity));
    enroll(tx, next, revocation.identity, { id: PHRASE });
    beginRevocation(tx, records, { kind: revocation.kind, since: next.clock.now(), former });
  }
  next.files.follow(tx, old.files);
  next.jobRows.follow(tx, old.jobRows);
  next.partialTable.follow(tx, old.partialTable);
  next.audit.follow(tx, old.audit, epochs);
  const ways = { protectors: kept.map(({ kind }) => kind), removed: removed.map(({ kind }) => kind) };
  const event = revocation === undefined ? 'RotateRootKey' : 'RevokeProtector';
  next.audit.append(
    tx,
    ownEvent(caller.principal, event, {
      ...ways,
      ...(revocation === undefined ? {} : { kind: revocation.kind }),
    }),
  );
}
