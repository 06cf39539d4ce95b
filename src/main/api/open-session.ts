import { systemClock } from '../../shared/clock.ts';
import { isKeywardError } from '../../shared/errors.ts';
import { ownEvent } from '../audit/event.ts';
import { auditReserve, fillAuditReserve } from '../audit/reserve.ts';
import { renewDevice } from '../backup/enroll.ts';
import { runSelfTests } from '../crypto/selftest.ts';
import { realPath } from '../disk/tree.ts';
import type { Claim } from '../home/claim.ts';
import { clearDamaged, isMarkedDamaged, markDamaged } from '../home/damage-mark.ts';
import { isThrowAway } from '../home/database.ts';
import { databasePath, hasVault, keysPath, noVault } from '../home/paths.ts';
import { Store } from '../store/database.ts';
import { readIdentity } from '../store/identity.ts';
import { openRootKey } from '../unlock/open.ts';
import { renewPhraseSet } from '../unlock/recovery-recipients.ts';
import { renewPhraseProtector } from '../unlock/renew-protectors.ts';
import type { RootKey } from '../unlock/root-key.ts';
import { SystemKeychain } from '../unlock/system-keychain.ts';
import { verifyUnlocked } from '../unlock/verify.ts';
import { BackgroundChecks } from './background-checks.ts';
import { removeScratch } from './drill.ts';
import { HANDLERS } from './handlers/table.ts';
import { Maintenance, newestEntry } from './maintenance.ts';
import { CALLS_FOR_RESCUE, openForRescue, withWayIn } from './open-rescue.ts';
import { ProtectorChanges } from './protector-changes.ts';
import { acceptPutBack, requirePutBackRead, signsOfPutBack } from './put-back.ts';
import { checkRecords } from './record-check.ts';
import { RootChanges } from './root-changes.ts';
import { callerOf, type Services, wireServices } from './services.ts';
import { Session } from './session.ts';
import { recordUnlock } from './session-entries.ts';
import type { SessionOptions } from './session-facts.ts';
import { keepHeapSmall } from './small-heap.ts';

/**
 * Unlocks the vault of a claimed home: self-tests first, then the root key, then the root over every row that decides
 * things; all rows of a vault of usual size are checked at once, those of a large one behind the open vault. Throws
 * what `openRootKey` throws, `VaultPutBack`, `SelfTestFailed`, `VaultDamaged` naming the row, `VaultNewer`, `VaultNotFound`.
 */
export async function openSession(claim: Claim, options: SessionOptions): Promise<Session> {
  const { home } = claim;
  if (!hasVault(home)) throw noVault(home);
  keepHeapSmall();
  try {
    return await openWhole(home, options);
  } catch (error) {
    const { credential } = options;
    if (!isKeywardError(error, ...CALLS_FOR_RESCUE)) throw error;
    if (credential.kind === 'keychain') throw withWayIn(error);
    const rescued = await openForRescue(home, { ...options, credential }, error);
    if (rescued === undefined) throw error;
    return new Session(...rescued, HANDLERS);
  }
}

async function openWhole(home: string, options: SessionOptions): Promise<Session> {
  const clock = options.clock ?? systemClock;
  const keychain = options.keychain ?? new SystemKeychain();
  const path = databasePath(home);
  const throwAway = isThrowAway(home);
  const reserve = auditReserve(path, throwAway);
  const store = Store.open(path, 'existing', { reserve });
  let root: RootKey | undefined;
  let services: Services | undefined;
  let maintenance: Maintenance | undefined;
  let checks: BackgroundChecks | undefined;
  try {
    store.requireSound(QUICKLY_LOOKED_AT);
    const selfTests = await runSelfTests();
    const opened = await openRootKey(store, options.credential, keychain);
    root = opened;
    services = wireServices({ store, keysFile: keysPath(home) }, opened, store.read(readIdentity), clock);
    const { records } = services;
    const identity = verifyUnlocked(store, records);
    const putBack = await signsOfPutBack(services, keychain);
    requirePutBackRead(putBack, options.credential.putBackRead);
    services.keysFile?.begin();
    const caller = callerOf(identity, options.kind === 'window' ? 'window' : 'cli');
    checks = new BackgroundChecks(services, caller.principal, () => markDamaged(home));
    checks.beginRecords();
    if (isMarkedDamaged(home)) {
      await checkRecords(store, records, new AbortController().signal);
      clearDamaged(home);
    }
    await fillAuditReserve(reserve, throwAway);
    const { credential } = options;
    if (credential.kind === 'recovery-phrase' && !identity.throwAway) {
      await renewPhraseSet(store, records, credential.phrase, clock);
      await renewPhraseProtector(store, records, opened, clock);
    }
    if ((credential.kind === 'recovery-phrase' || credential.kind === 'shares') && !identity.throwAway)
      await renewDevice(store, services.device, credential, clock);
    const newest = newestEntry(services);
    recordUnlock(
      services,
      ownEvent(caller.principal, 'Unlock', { with: options.credential.kind, owner: options.kind }),
    );
    acceptPutBack(services, caller.principal, putBack);
    await removeScratch(home);
    const begun = new Maintenance(services, {
      scheduler: services.scheduler,
      caller,
      refill: () => fillAuditReserve(reserve, throwAway),
    });
    maintenance = begun;
    // Nothing is rotated or shredded by rows that may not hold.
    if (checks.isWhole) begun.begin(newest);
    else checks.whole.then(() => begun.begin(newest)).catch(letWait);
    await checks.begin();
    const realHome = await realPath(home);
    const { kind, cost } = options;
    const protectors = new ProtectorChanges({
      ...{ services, root, keychain, throwAway: identity.throwAway, cost },
    });
    const roots = new RootChanges({
      ...{ services, root, keychain, throwAway: identity.throwAway, cost },
      keysFile: keysPath(home),
      settle: () => settled(begun, checks, services),
    });
    const facts = {
      ...{ identity, selfTests, home, realHome, kind, keychain },
      maintenance,
      checks,
      protectors,
      roots,
    };
    const { jobs } = services;
    const session = new Session(services, root, facts, HANDLERS);
    // A command ends with its own work.
    if (kind !== 'command' && checks.jobsHold) checks.whole.then(() => jobs.resume()).catch(letWait);
    return session;
  } catch (error) {
    maintenance?.end();
    await checks?.end();
    services?.wipe();
    root?.wipe();
    store.close();
    throw error;
  }
}

/** Ends what works behind the open vault, so that nothing is written later; after a failure it goes on with the next unlock. */
async function settled(
  maintenance: Maintenance,
  checks: BackgroundChecks | undefined,
  services: Services | undefined,
): Promise<void> {
  maintenance.end();
  await checks?.end();
  await services?.backups.settled();
  services?.jobs.flush();
}

/** Up to what size a database is checked whole before anything is written to it, in bytes: some 10 ms. */
const QUICKLY_LOOKED_AT = 8 * 1_024 * 1_024;

/** For what is done behind the open vault: what can't be done now is done at a later unlock. */
function letWait(error: unknown): void {
  if (!isKeywardError(error)) throw error;
}
