import { type Clock, systemClock } from '../../shared/clock.ts';
import type { KeySummary } from '../../shared/contract.ts';
import { fail } from '../../shared/errors.ts';
import { ownEvent } from '../audit/event.ts';
import { enroll } from '../backup/enroll.ts';
import { randomUuid } from '../crypto/bytes.ts';
import type { Argon2Cost } from '../crypto/passphrase.ts';
import { runSelfTests } from '../crypto/selftest.ts';
import { checkHome } from '../home/check-home.ts';
import type { Claim } from '../home/claim.ts';
import { hasVault } from '../home/paths.ts';
import { Store } from '../store/database.ts';
import { createIdentity, type VaultIdentity } from '../store/identity.ts';
import type { Keychain } from '../unlock/keychain.ts';
import { newPassphraseCost } from '../unlock/passphrase-cost.ts';
import { createProtectors, storeProtectors } from '../unlock/protectors.ts';
import type { NewProtector } from '../unlock/record.ts';
import type { RecoveryIdentity } from '../unlock/recovery-identity.ts';
import { phraseIdentity } from '../unlock/recovery-recipients.ts';
import { RootKey } from '../unlock/root-key.ts';
import { newRecoveryPhrase } from '../unlock/secret.ts';
import { SystemKeychain } from '../unlock/system-keychain.ts';
import { keySummaryOf } from './handlers/key-views.ts';
import { keysOf, makeDatabase } from './new-database.ts';
import { callerOf, wireServices } from './services.ts';
import { SETTING_DEFAULTS } from './settings.ts';

/** How a vault is made. `passphrase` stays the caller's to wipe; `keychain` is never the only way in. */
export type InitOptions = {
  readonly account?: string;
  readonly region?: string;
  readonly throwAway: boolean;
  readonly passphrase?: Uint8Array;
  readonly keychain: boolean;
  readonly clock?: Clock;
  /**
   * Puts the recovery phrase where it is to last, before there is a vault to recover: a crash then never leaves
   * a vault whose phrase is nowhere. If it throws, no vault is made.
   */
  readonly keepPhrase?: (phrase: string) => Promise<void>;
  /** For tests: another keychain than the system's, and a cheaper Argon2id. */
  readonly parts?: { readonly keychain?: Keychain; readonly cost?: Argon2Cost };
};

/** A vault just made. The phrase is nowhere else: the face shows or writes it, once. */
export type NewVault = {
  readonly vaultId: string;
  readonly account: string;
  readonly region: string;
  readonly phrase: string;
  readonly defaultKey: KeySummary;
  readonly protectors: readonly string[];
};

/**
 * Makes a vault with its first key, `alias/my-files`. It appears whole or not at all: it is made under another
 * name and renamed. Throws `VaultExists`, `ValidationException` for a bad account or region,
 * `VaultHomeUnsafe` for a disk that can't carry a vault,
 * `KeychainUnavailable` if the keychain is wanted and can't be used, and the disk errors.
 */
export async function initVault(claim: Claim, options: InitOptions): Promise<NewVault> {
  const { home } = claim;
  if (hasVault(home)) {
    throw fail('vault-exists', { home });
  }
  await checkHome(home);
  const clock = options.clock ?? systemClock;
  const identity = identityOf(options, clock);
  await runSelfTests();
  const phrase = newRecoveryPhrase();
  const root = RootKey.create(identity.id);
  try {
    const protectors = await createProtectors(
      root,
      {
        recoveryPhrase: phrase,
        ...(options.passphrase === undefined ? {} : { passphrase: options.passphrase }),
        ...(options.keychain ? { keychain: options.parts?.keychain ?? new SystemKeychain() } : {}),
        ...(options.passphrase === undefined
          ? {}
          : { cost: await newPassphraseCost(options.throwAway, options.parts?.cost) }),
      },
      clock,
    );
    // A vault to throw away has no backups.
    const recovery = options.throwAway ? undefined : await phraseIdentity(phrase);
    const defaultKey = await makeDatabase(home, async (making) => {
      const key = await fill(making, root, { identity, protectors, recovery }, clock);
      await options.keepPhrase?.(phrase);
      return key;
    }).finally(() => recovery?.wipe());
    const { id: vaultId, account, region } = identity;
    return { vaultId, account, region, phrase, defaultKey, protectors: protectors.map(({ kind }) => kind) };
  } finally {
    root.wipe();
  }
}

type Contents = {
  readonly identity: VaultIdentity;
  readonly protectors: readonly NewProtector[];
  readonly recovery: RecoveryIdentity | undefined;
};

async function fill(
  path: string,
  root: RootKey,
  { identity, protectors, recovery }: Contents,
  clock: Clock,
): Promise<KeySummary> {
  const store = Store.open(path, 'create');
  const services = wireServices({ store, keysFile: keysOf(path) }, root, identity, clock);
  const caller = callerOf(identity, 'window');
  try {
    store.write((tx) => {
      services.records.create(tx);
      createIdentity(tx, services.records, identity);
      storeProtectors(tx, services.records, protectors);
      if (recovery !== undefined) enroll(tx, services, recovery);
      services.audit.create(tx);
      services.audit.append(
        tx,
        ownEvent(caller.principal, 'InitVault', {
          vaultId: identity.id,
          protectors: protectors.map(({ kind }) => kind),
        }),
      );
    });
    const key = { AliasName: SETTING_DEFAULTS['default-key'], Description: 'For files' };
    const { KeyMetadata } = await services.kms.createNamedKey(caller, key);
    store.write((tx) => services.audit.seal(tx));
    // Only the database itself gets its name: what stayed in the journal, as on a full disk, would be lost.
    store.checkpoint();
    services.keysFile?.rewrite();
    return keySummaryOf(services.kms.look(KeyMetadata.KeyId));
  } finally {
    services.wipe();
    store.close();
  }
}

function identityOf(options: InitOptions, clock: Clock): VaultIdentity {
  const { account = '000000000000', region = 'local', throwAway } = options;
  if (!/^\d{12}$/.test(account)) {
    throw fail('account-malformed', { account });
  }
  if (!/^[a-z0-9-]{1,32}$/.test(region)) {
    throw fail('region-malformed', { region });
  }
  return { id: randomUuid(), account, region, throwAway, created: clock.now() };
}
