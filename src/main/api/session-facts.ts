import type { Clock } from '../../shared/clock.ts';
import type { OwnerKind } from '../../shared/contract-basics.ts';
import type { Credential } from '../../shared/credential.ts';
import { isKeywardError, type KeywardError, say, sayError } from '../../shared/errors.ts';
import type { Argon2Cost } from '../crypto/passphrase.ts';
import type { SelfTestResult } from '../crypto/selftest.ts';
import type { VaultIdentity } from '../store/identity.ts';
import type { Keychain } from '../unlock/keychain.ts';
import type { BackgroundChecks } from './background-checks.ts';
import type { Maintenance } from './maintenance.ts';
import type { ProtectorChanges } from './protector-changes.ts';
import type { RootChanges } from './root-changes.ts';

/** What a session is opened with. The credential stays the caller's to wipe. */
export type SessionOptions = {
  readonly credential: Credential;
  readonly kind: OwnerKind;
  readonly clock?: Clock;
  readonly keychain?: Keychain;
  /** For tests: what a new passphrase is to cost. */
  readonly cost?: Argon2Cost;
};

/** What a session knows of its vault besides the services. */
export type SessionFacts = {
  readonly identity: VaultIdentity;
  readonly selfTests: readonly SelfTestResult[];
  readonly home: string;
  readonly realHome: string;
  readonly kind: SessionOptions['kind'];
  readonly keychain: Keychain;
  readonly maintenance: Pick<Maintenance, 'end' | 'backUp'>;
  readonly protectors: ProtectorChanges;
  /** None in rescue. */
  readonly roots?: RootChanges;
  readonly checks: Pick<BackgroundChecks, 'findings' | 'damaged' | 'whole' | 'end'>;
  /** Why the vault is open for rescue only: a copy of what holds, in memory. */
  readonly rescue?: KeywardError;
};

/** What is told while the second file lacks a change. */
export function keysFileBehind() {
  return {
    kind: 'KeysFileBehind',
    ...say('keys-file-behind'),
  } as const;
}

/** What is told of a row that was found damaged behind the open vault. */
export function damageFinding(damage: KeywardError) {
  return { kind: 'RecordsDamaged' as const, ...sayError(damage) };
}

/** What can be read; nothing of a vault that another program has changed so that this can't be. */
export function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    return ifReadable(error);
  }
}

/** As `readable`, of what failed already. Throws any other error. */
export function ifReadable(error: unknown): undefined {
  if (!isKeywardError(error, 'VaultDamaged')) throw error;
}
