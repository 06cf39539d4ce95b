import { systemClock } from '../../shared/clock.ts';
import type { Credential, PersonalCredential } from '../../shared/credential.ts';
import { fail, type KeywardError } from '../../shared/errors.ts';
import { runSelfTests } from '../crypto/selftest.ts';
import { realPath } from '../disk/tree.ts';
import type { RootKey } from '../unlock/root-key.ts';
import { SystemKeychain } from '../unlock/system-keychain.ts';
import { ProtectorChanges } from './protector-changes.ts';
import { endRescued, rescue, rescueFindings, rescueServices } from './rescue.ts';
import { opensUnlogged, unloggedRefused } from './rescue-audit.ts';
import type { Services } from './services.ts';
import type { SessionFacts, SessionOptions } from './session-facts.ts';

/** What may be damage that the second file makes up for. */
export const CALLS_FOR_RESCUE = [
  'VaultDamaged',
  'VaultNewer',
  'VaultNotFound',
  'ProtectorDamaged',
  'ProtectorMissing',
  'AuditBroken',
  'IoFailed',
] as const;

/**
 * What a session over a damaged vault is made of; `undefined` where nothing can be put together with this credential.
 * Throws `WrongPassphrase`, `WrongRecoveryPhrase`, and `AuditUnwritable` where files may not be opened without the log and the
 * credential does not say that they are to be all the same.
 */
export async function openForRescue(
  home: string,
  options: SessionOptions & { readonly credential: PersonalCredential & Pick<Credential, 'withoutAudit'> },
  found: KeywardError,
): Promise<readonly [Services, RootKey, SessionFacts] | undefined> {
  const selfTests = await runSelfTests();
  const cause = found.code === 'VaultNewer' ? falselyNewer(found) : found;
  const rescued = await rescue(home, options.credential, found);
  if (rescued === undefined) return undefined;
  const { root, identity, survey, files } = rescued;
  if (options.credential.withoutAudit !== true && !opensUnlogged(rescued)) {
    endRescued(rescued);
    throw unloggedRefused(cause);
  }
  try {
    const services = rescueServices(rescued, options.clock ?? systemClock, home);
    const { kind, keychain = new SystemKeychain() } = options;
    const protectors = new ProtectorChanges({
      ...{ services, root, keychain, throwAway: identity.throwAway, cost: options.cost },
    });
    const facts: SessionFacts = {
      protectors,
      ...{ identity, selfTests, home, kind, keychain },
      realHome: await realPath(home),
      rescue: cause,
      maintenance: { end: () => undefined, backUp: async () => undefined },
      checks: {
        findings: rescueFindings(cause, survey.broken),
        damaged: new Promise<never>(() => undefined),
        whole: new Promise<never>(() => undefined),
        end: async () => undefined,
      },
    };
    return [services, root, facts];
  } catch (error) {
    root.wipe();
    throw error;
  } finally {
    files.database?.close();
  }
}

/** Only the database says that a newer version made it: the second file knows better. */
function falselyNewer({ details }: KeywardError): KeywardError {
  return fail('database-and-second-file-differ', { path: String(details['path']) }, details);
}

/** The damage as it is told to whoever tried the keychain, which opens nothing for rescue. */
export function withWayIn(damage: KeywardError): KeywardError {
  if (damage.code !== 'VaultDamaged') return damage;
  return fail('vault-opens-for-rescue', { error: damage.toBody() }, damage.details, damage);
}
