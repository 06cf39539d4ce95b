import { dirname } from 'node:path';
import { type Clock, systemClock } from '../../shared/clock.ts';
import type { Progress } from '../../shared/contract.ts';
import { fail, type Json } from '../../shared/errors.ts';
import { ownEvent } from '../audit/event.ts';
import { enroll } from '../backup/enroll.ts';
import { isFolderOf } from '../backup/list.ts';
import { type UnitedOthers, uniteOthers } from '../backup/merge-revocations.ts';
import { type OpenedBackup, openBackup } from '../backup/restore.ts';
import { adoptedRows } from '../backup/unite/adopt.ts';
import { takeIn } from '../backup/unite/logs.ts';
import type { RowSet } from '../backup/unite/row-set.ts';
import { UNITED_ROOMS } from '../backup/unite/unite.ts';
import { wipe } from '../crypto/bytes.ts';
import type { Argon2Cost } from '../crypto/passphrase.ts';
import { runSelfTests } from '../crypto/selftest.ts';
import { checkHome } from '../home/check-home.ts';
import type { Claim } from '../home/claim.ts';
import { hasVault } from '../home/paths.ts';
import { untold } from '../kms/keys/reset-deletion-notice.ts';
import { keyRow } from '../kms/keys/row-schemas.ts';
import { Store } from '../store/database.ts';
import { createIdentity } from '../store/identity.ts';
import type { Keychain } from '../unlock/keychain.ts';
import { newPassphraseCost } from '../unlock/passphrase-cost.ts';
import { createProtectors, storeProtectors } from '../unlock/protectors.ts';
import type { NewProtector } from '../unlock/record.ts';
import { type RecoveryIdentity, recoveryIdentity } from '../unlock/recovery-identity.ts';
import { phraseIdentity } from '../unlock/recovery-recipients.ts';
import { recoveryProtector } from '../unlock/recovery-record.ts';
import { PHRASE, recoverySetRow, SETS_ROOM } from '../unlock/recovery-rows.ts';
import { openShares } from '../unlock/shares.ts';
import { SystemKeychain } from '../unlock/system-keychain.ts';
import { keysOf, makeDatabase } from './new-database.ts';
import { isDoneByBackup } from './revocation-mark.ts';
import { callerOf, wireServices } from './services.ts';

/** What a vault is restored from. `passphrase`: the new one; it stays the caller's to wipe. */
export type RestoreOptions = {
  /** A folder with backups, or either file of one. */
  readonly from: string;
  /** What opens the backup: the recovery phrase, or enough shares of a set. */
  readonly phrase: string | readonly string[];
  readonly passphrase?: Uint8Array;
  readonly keychain: boolean;
  /** Of a folder only the backups that hold one of these keys, by id. */
  readonly keys?: readonly string[];
  /** Other folders with backups of this vault: what they say was taken away is taken away. */
  readonly also?: readonly string[];
  readonly signal?: AbortSignal;
  readonly tell?: (progress: Progress) => void;
  readonly clock?: Clock;
  /** For tests, as those of `InitOptions`. */
  readonly parts?: { readonly keychain?: Keychain; readonly cost?: Argon2Cost };
};

/** A vault that is back. `passedOver`: newer backups in the folder that were not used, and why. */
export type RestoredVault = {
  readonly vaultId: string;
  readonly account: string;
  readonly region: string;
  readonly backup: {
    readonly path: string;
    readonly created: string;
    readonly device: string;
    readonly sequence: number;
  };
  readonly keys: number;
  readonly files: number;
  readonly protectors: readonly string[];
  readonly passedOver: readonly { readonly path: string; readonly why: string }[];
  /** Backups of other devices, and newer ones of the same, whose restrictions hold in it, and what that came to. */
  readonly united: UnitedOthers['united'];
  /** Paths of the folders that got its backups, which came along: they get them from now on, once they are there. */
  readonly folders: readonly string[];
};

/** The backup, others beside it, and the vault. */
const STEPS = 3;

/**
 * Restores a vault into an empty home, as a device of its own with a log of its own, whose first entry names where the old
 * one ended. What any backup beside it, or in a folder that is named, says was shredded, disabled, denied or revoked, is so.
 * Everything is checked before the first byte is written, and the vault appears whole or not at all. Throws
 * `VaultExists`, what `openBackup` throws, and as `initVault`.
 */
export async function restoreVault(claim: Claim, options: RestoreOptions): Promise<RestoredVault> {
  const { home } = claim;
  if (hasVault(home)) {
    throw fail('restore-over-a-vault', { home });
  }
  const recovery = await recoveryOf(options.phrase);
  const { identity } = recovery;
  const clock = options.clock ?? systemClock;
  const { keys, signal = new AbortController().signal, tell = () => undefined } = options;
  const step = (done: number) => {
    signal.throwIfAborted();
    tell({ done, total: STEPS, file: 0, files: 1, source: options.from });
  };
  let opened: OpenedBackup | undefined;
  try {
    await runSelfTests();
    step(0);
    opened = await openBackup(options.from, identity, keys === undefined ? {} : { keys });
    step(1);
    const rows = adoptedRows(opened.document, opened.root, opened.root);
    const near = (await isFolderOf(options.from)) ? options.from : dirname(options.from);
    const others = await uniteOthers(opened, rows, {
      ...{ identity, signal, now: clock.now() },
      folders: [near, ...(options.also ?? [])],
    });
    step(2);
    await checkHome(home);
    return await restore(home, { opened, rows, others }, recovery, options, clock);
  } finally {
    identity.wipe();
    opened?.root.wipe();
  }
}

type Whole = { readonly opened: OpenedBackup; readonly rows: RowSet; readonly others: UnitedOthers };

/** What a recovery secret is, and the id of its set. */
type Recovery = { readonly identity: RecoveryIdentity; readonly id: string };

async function recoveryOf(given: RestoreOptions['phrase']): Promise<Recovery> {
  if (typeof given === 'string') return { identity: await phraseIdentity(given), id: PHRASE };
  const { id, secret } = await openShares(given);
  return { identity: await recoveryIdentity(secret).finally(() => wipe(secret)), id };
}

/** Protectors of the vault's recovery sets but one that is made otherwise: none of them needs its paper. */
async function recoveryProtectors(
  { rows, opened: { root } }: Whole,
  but: string | undefined,
  clock: Clock,
): Promise<NewProtector[]> {
  const sets = rows.list(SETS_ROOM, recoverySetRow).filter(({ id }) => id !== but);
  return Promise.all(
    sets.map(({ id, body }) =>
      id === PHRASE
        ? recoveryProtector(root, { ...body, kind: 'recovery-phrase' }, clock)
        : recoveryProtector(root, { ...body, id, kind: 'shares' }, clock),
    ),
  );
}

async function restore(
  home: string,
  whole: Whole,
  recovery: Recovery,
  options: RestoreOptions,
  clock: Clock,
): Promise<RestoredVault> {
  const { opened, rows, others } = whole;
  const { document, manifest, path, root } = opened;
  const { phrase } = options;
  const own = await createProtectors(
    root,
    {
      ...(typeof phrase === 'string' ? { recoveryPhrase: phrase } : {}),
      ...(options.passphrase === undefined ? {} : { passphrase: options.passphrase }),
      ...(options.keychain ? { keychain: options.parts?.keychain ?? new SystemKeychain() } : {}),
      ...(options.passphrase === undefined
        ? {}
        : { cost: await newPassphraseCost(false, options.parts?.cost) }),
    },
    clock,
  );
  const but = typeof phrase === 'string' ? PHRASE : undefined;
  const protectors = [...own, ...(await recoveryProtectors(whole, but, clock))];
  let folders: readonly string[] = [];
  await makeDatabase(home, async (making) => {
    folders = fill(making, whole, { ...recovery, protectors }, clock);
  });
  const { id: vaultId, account, region } = document.vault;
  const { created, sequence } = manifest;
  return {
    ...{ vaultId, account, region, folders, united: others.united },
    passedOver: onceEach([...opened.passedOver, ...others.passedOver]),
    backup: { path, created, device: manifest.device.id, sequence },
    keys: rows.ids('keys').length,
    files: document.catalog.length,
    protectors: protectors.map(({ kind }) => kind),
  };
}

/** One that was tried as the backup itself was tried beside it once more. */
function onceEach(found: RestoredVault['passedOver']): RestoredVault['passedOver'] {
  return [...new Map(found.map((one) => [one.path, one])).values()];
}

/** What a newer version wrote stays as it is. */
function keyOf(body: Json): Json {
  const key = keyRow.safeParse(body).data;
  return key === undefined ? body : untold(key);
}

type New = Recovery & { readonly protectors: readonly NewProtector[] };

function fill(
  making: string,
  { opened: { document, manifest, root, path }, rows, others }: Whole,
  made: New,
  clock: Clock,
): readonly string[] {
  const { vault, catalog } = document;
  takeIn(rows, document);
  const store = Store.open(making, 'create');
  const services = wireServices({ store, keysFile: keysOf(making) }, root, vault, clock);
  const { records, files, audit } = services;
  try {
    store.write((tx) => {
      records.create(tx);
      createIdentity(tx, records, vault);
      for (const [room, id, text] of document.records) {
        const body = JSON.parse(text) as Json;
        if (!UNITED_ROOMS.includes(room) && !isDoneByBackup(room, body)) records.put(tx, room, id, body);
      }
      for (const [room, id, body] of rows.all())
        records.put(tx, room, id, room === 'keys' ? keyOf(body) : body);
      storeProtectors(tx, records, made.protectors);
      const shares = rows.get(SETS_ROOM, made.id, recoverySetRow)?.shares;
      enroll(tx, services, made.identity, { id: made.id, ...(shares === undefined ? {} : { shares }) });
      for (const [messageId, entry] of catalog)
        files.putPacked(tx, Buffer.from(messageId, 'hex'), entry as Json);
      audit.create(tx);
      audit.append(tx, {
        ...ownEvent(callerOf(vault, 'cli').principal, 'RestoreVault', {
          device: manifest.device.id,
          sequence: manifest.sequence,
          created: manifest.created,
          sha256: manifest.sha256,
          head: manifest.head,
          united: others.united.length,
          protectors: made.protectors.map(({ kind }) => kind),
        }),
        file: { path },
      });
    });
    store.write((tx) => audit.seal(tx));
    // Only the database itself gets its name: what stayed in the journal, as on a full disk, would be lost.
    store.checkpoint();
    services.keysFile?.rewrite();
    return store.read((tx) => services.backupFolders.list(tx)).map(({ path }) => path);
  } finally {
    services.wipe();
    store.close();
  }
}
