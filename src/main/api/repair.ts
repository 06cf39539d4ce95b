import { type Clock, systemClock } from '../../shared/clock.ts';
import type { Progress } from '../../shared/contract.ts';
import type { PersonalCredential } from '../../shared/credential.ts';
import { fail, isKeywardError, KeywardError } from '../../shared/errors.ts';
import type { RepairPlan } from '../../shared/repair-contract.ts';
import { wipe } from '../crypto/bytes.ts';
import type { Claim } from '../home/claim.ts';
import { clearDamaged } from '../home/damage-mark.ts';
import { databasePath } from '../home/paths.ts';
import { putRepaired } from '../home/repaired.ts';
import { decide } from '../repair/decide.ts';
import { Store } from '../store/database.ts';
import type { RecordRow } from '../store/record-row.ts';
import { RowCheck } from '../store/row-check.ts';
import { phraseIdentity } from '../unlock/recovery-recipients.ts';
import { verifyUnlocked } from '../unlock/verify.ts';
import { clearMaking, keysOf, makingPath } from './new-database.ts';
import { openSession } from './open-session.ts';
import { noteRepaired } from './put-back.ts';
import { checkRecords } from './record-check.ts';
import { type FoundBackup, findRepairBackup } from './repair-backup.ts';
import { logWords, namesIn, notesOf } from './repair-words.ts';
import { type Filled, fillRepaired, type RepairParts } from './repaired-database.ts';
import { endRescued, type Rescued, rescue, rescueServices } from './rescue.ts';
import { callerOf, wireServices } from './services.ts';

/** What a vault is repaired with. The credential stays the caller's to wipe. */
type RepairOptions = {
  readonly credential: PersonalCredential;
  /** A backup, or a folder with backups, to compare rows with, in place of the folders that the vault knows. */
  readonly from?: string;
  readonly clock?: Clock;
};

/** What was done: the plan, as it was carried out, and where the damaged files are now. */
type Repaired = { readonly plan: RepairPlan; readonly aside: readonly string[] };

/** A repair that has been decided on and not begun. */
export interface Repair {
  readonly plan: RepairPlan;
  /**
   * Does it: a new database is made beside the damaged one, checked whole, flushed, and takes its place; the damaged files
   * are moved aside. Whenever it ends before, the vault is as it was. Throws `Cancelled`, `VaultDamaged` if what was made
   * does not hold, and the disk errors.
   */
  apply(signal: AbortSignal, tell: (progress: Progress) => void): Promise<Repaired>;
  /** Forgets all keys. */
  end(): void;
}

/**
 * Looks at a damaged vault and decides what a repair would do; nothing is written but what an unlock writes. `undefined`:
 * every row of it holds. Throws what `openSession` throws where it does not even open for rescue, `VaultPutBack` of an older
 * copy that is whole and that no backup says more of, and of a backup that was named (`from`) what `openBackup` throws.
 */
export async function openRepair(claim: Claim, options: RepairOptions): Promise<Repair | undefined> {
  const { home } = claim;
  const clock = options.clock ?? systemClock;
  const damage = await damageOf(claim, options);
  if (damage === undefined) return undefined;
  const rescued = await rescue(home, options.credential, damage);
  if (rescued === undefined) throw damage;
  try {
    const repair = await planned(home, rescued, damage, { ...options, clock });
    // Whether an older copy that is whole is to be gone on with is for its owner to say, at an unlock.
    if (damage.code === 'VaultPutBack' && repair.plan.steps.length === 0) throw damage;
    return repair;
  } catch (error) {
    endRescued(rescued);
    throw error;
  }
}

/** Why the vault does not open as it should, or that it was put back; it is opened for that, and looked at whole. */
async function damageOf(
  claim: Claim,
  { credential, clock }: RepairOptions,
): Promise<KeywardError | undefined> {
  const session = await openSession(claim, {
    // Nothing is given out, only looked at.
    ...{ credential: { ...credential, withoutAudit: true as const }, kind: 'command' },
    ...(clock === undefined ? {} : { clock }),
  }).catch((error: unknown) => {
    if (isKeywardError(error, 'VaultPutBack')) return error;
    throw error;
  });
  if (session instanceof KeywardError) return session;
  try {
    return await session.damage();
  } finally {
    await session.close();
  }
}

async function planned(
  home: string,
  rescued: Rescued,
  damage: KeywardError,
  options: RepairOptions & { readonly clock: Clock },
): Promise<Repair> {
  const { clock } = options;
  const rowKey = rescued.root.purposeKey('record');
  const check = new RowCheck(rowKey);
  const macOf = check.macOf.bind(check);
  let backup: FoundBackup | undefined;
  const notes: string[] = [];
  try {
    const found = await backupFor(home, rescued, options, macOf);
    backup = found.backup;
    notes.push(...found.notes);
    const { identity, survey, second, opener, files } = rescued;
    const decision = decide(
      { survey, second, backup: backup?.rows, macOf },
      {
        now: clock.now(),
        owner: (['window', 'cli'] as const).map((face) => callerOf(identity, face).principal),
        protectors: {
          opener,
          mayDoubt: (row) => second?.isWhole === true && hasInSecond(survey, row),
          record: (id, digest) => files.hasRecord(id, digest),
        },
      },
    );
    const parts: RepairParts = { rescued, decision, backup, damage: damage.toBody().message };
    const filled = tried(home, parts, clock);
    const plan: RepairPlan = {
      ...{ home, vaultId: identity.id, damage: damage.toBody().message, steps: [...decision.steps] },
      names: namesIn([...survey.rows, ...(backup?.rows.rows.values() ?? [])]),
      rows: decision.rows.length,
      keys: decision.rows.filter(({ room }) => room === 'keys').length,
      files: filled.files,
      log: logWords(filled.log),
      ...(backup === undefined ? {} : { backup: { path: backup.path, created: backup.document.created } }),
      notes: [...notes, ...(decision.isPutBack ? [PUT_BACK] : []), ...notesOf(files)],
    };
    return {
      plan,
      apply: (signal, tell) => apply(home, { parts, plan, clock }, signal, tell),
      end: () => endRescued(rescued),
    };
  } finally {
    backup?.root.wipe();
    wipe(rowKey);
  }
}

/** Whether the second file has this very row. */
function hasInSecond({ sightings }: Rescued['survey'], { room, id, mac }: RecordRow): boolean {
  return sightings.some((one) => one.room === room && one.id === id && one.second?.mac.equals(mac) === true);
}

/** The newest backup that opens with the credential, and what is to be said of the others. */
async function backupFor(
  home: string,
  rescued: Rescued,
  { credential, from, clock }: RepairOptions & { readonly clock: Clock },
  macOf: RowCheck['macOf'],
) {
  const services = rescueServices(rescued, clock, home);
  const identity =
    credential.kind === 'recovery-phrase' ? await phraseIdentity(credential.phrase) : undefined;
  try {
    return await findRepairBackup({ rescued, services, identity, from, macOf });
  } finally {
    identity?.wipe();
    services.wipe();
    services.store.close();
  }
}

/** What the new database will have, by making it in memory. */
function tried(home: string, parts: RepairParts, clock: Clock): Filled {
  const store = Store.inMemory(databasePath(home));
  const { root, identity } = parts.rescued;
  const services = wireServices({ store, keysFile: undefined }, root, identity, clock);
  try {
    return store.write((tx) => fillRepaired(tx, services, parts, clock));
  } finally {
    services.wipe();
    store.close();
  }
}

const PUT_BACK =
  'vault.keys or the backup knows of later changes than vault.db: an older copy of that was put back. What they do not say alike counts as in doubt.';

type Decided = { readonly parts: RepairParts; readonly plan: RepairPlan; readonly clock: Clock };

const STEPS = 4;

async function apply(
  home: string,
  { parts, plan, clock }: Decided,
  signal: AbortSignal,
  tell: (progress: Progress) => void,
): Promise<Repaired> {
  const making = makingPath(home);
  const step = (done: number) => {
    if (signal.aborted) throw cancelled();
    tell({ done, total: STEPS, file: Math.min(done + 1, STEPS), files: STEPS, source: databasePath(home) });
  };
  await clearMaking(home);
  try {
    step(0);
    const store = Store.open(making, 'create');
    const { root, identity } = parts.rescued;
    const services = wireServices({ store, keysFile: keysOf(making) }, root, identity, clock);
    try {
      store.write((tx) => fillRepaired(tx, services, parts, clock));
      store.write((tx) => services.audit.seal(tx));
      noteRepaired(services, clock.now());
      step(1);
      await requireWhole(store, services, signal);
      step(2);
      // Only the database itself gets its name: what stayed in the journal, as on a full disk, would be lost.
      store.checkpoint();
      services.keysFile?.rewrite();
    } finally {
      services.wipe();
      store.close();
    }
    step(3);
  } catch (error) {
    await clearMaking(home).catch(() => undefined);
    throw error;
  }
  const aside = await putRepaired(home, { database: making, keys: keysOf(making) });
  clearDamaged(home);
  return { plan, aside };
}

/** Throws `VaultDamaged` unless everything in the new database holds. */
async function requireWhole(
  store: Store,
  services: ReturnType<typeof wireServices>,
  signal: AbortSignal,
): Promise<void> {
  verifyUnlocked(store, services.records);
  await checkRecords(store, services.records, signal);
  const verdict = await services.audit.verify(signal);
  if (verdict.ok || verdict.part === 'index') return;
  throw fail(
    'repair-came-to-nothing',
    { firstBroken: verdict.firstBroken ?? 0, why: verdict.why },
    { firstBroken: verdict.firstBroken },
  );
}

function cancelled(): KeywardError {
  return fail('repair-cancelled');
}
