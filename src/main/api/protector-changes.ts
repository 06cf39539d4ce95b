import type { Input, Output } from '../../shared/contract.ts';
import { asKeywardError, fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import type { Protector, ProtectorKind } from '../../shared/protector-contract.ts';
import { ownEvent } from '../audit/event.ts';
import { enroll } from '../backup/enroll.ts';
import { wipe } from '../crypto/bytes.ts';
import type { Argon2Cost } from '../crypto/passphrase.ts';
import type { Caller } from '../kms/types.ts';
import type { ReadTx, Tx } from '../store/database.ts';
import type { Keychain } from '../unlock/keychain.ts';
import { newTestedProtector, type ProtectorSecret, requireOpens } from '../unlock/new-protector.ts';
import { newPassphraseCost } from '../unlock/passphrase-cost.ts';
import { listProtectors, removeProtectors, storeProtectors } from '../unlock/protectors.ts';
import { recoveryIdentity } from '../unlock/recovery-identity.ts';
import { phraseIdentity, recoverySets, removeRecoverySet } from '../unlock/recovery-recipients.ts';
import { recoveryProtector } from '../unlock/recovery-record.ts';
import { PHRASE } from '../unlock/recovery-rows.ts';
import type { RootKey } from '../unlock/root-key.ts';
import { newShares, type ShareCount } from '../unlock/shares.ts';
import type { Services } from './services.ts';

type SetInput = Input<'protectors.set'>;
type NewSet = Output<'recovery.split'>;
type Given = SetInput['secret'];

/** What the changes work with. `cost`: what a new passphrase is to cost, in place of what this machine can bear; for tests. */
type ProtectorDeps = {
  readonly services: Services;
  readonly root: RootKey;
  readonly keychain: Keychain;
  /** Such a vault has no backups. */
  readonly throwAway: boolean;
  readonly cost?: Argon2Cost | undefined;
};

/**
 * Adds, replaces and removes the ways to unlock an open vault. The new way has opened the vault before the old one goes,
 * both in one transaction with the entry on it, so that whenever this ends there is a way in. Of passphrase and recovery
 * phrase one always stays: the keychain alone never suffices. Replacing is not revoking: copies of the vault made
 * before still open as they did.
 */
export class ProtectorChanges {
  readonly #deps: ProtectorDeps;

  constructor(deps: ProtectorDeps) {
    this.#deps = deps;
  }

  /** The ways there are. */
  list(): Protector[] {
    return this.#deps.services.store.read(listProtectors);
  }

  /**
   * Adds or replaces one. `confirm` recognises the owner anew and throws otherwise, which is logged. Throws what it
   * throws, `AlreadyExistsException`, `ProtectorMissing`, what `newTestedProtector` throws, `AuditUnwritable`.
   */
  async set(caller: Caller, { how, secret }: SetInput, confirm: () => Promise<void>): Promise<Protector[]> {
    const { kind } = secret;
    const eventName = how === 'add' ? 'AddProtector' : 'ReplaceProtector';
    const { services, root, throwAway } = this.#deps;
    await this.#recognised(caller, eventName, kind, async () => {
      await confirm();
      services.store.read((tx) => requireFitting(tx, kind, how));
    });
    const before = kind === 'keychain' ? await this.#keptNow() : undefined;
    const wanted = await this.#wanted(secret);
    try {
      const made = await newTestedProtector(root, wanted, services.clock);
      const recovery =
        wanted.kind === 'recovery-phrase' && !throwAway ? await phraseIdentity(wanted.phrase) : undefined;
      try {
        this.#write(caller, eventName, kind, (tx) => {
          requireFitting(tx, kind, how);
          const replaced = removeProtectors(tx, services.records, kind);
          storeProtectors(tx, services.records, [made]);
          if (recovery !== undefined) enroll(tx, services, recovery);
          return { protector: made.id, ...(replaced.length === 0 ? {} : { replaced }) };
        });
      } finally {
        recovery?.wipe();
      }
    } catch (error) {
      // The record that there is belongs to the secret that was there before.
      if (kind === 'keychain') await this.#putBack(before);
      throw error;
    } finally {
      if (wanted.kind === 'passphrase') wipe(wanted.bytes);
    }
    return this.list();
  }

  /**
   * Removes one. `shown`: what the owner is recognised by; of passphrase and phrase it must be the one that stays, so
   * that the last way in is known to open. Throws as `set`, and `LastProtector` where none would stay.
   */
  async remove(
    caller: Caller,
    kind: ProtectorKind,
    shown: 'passphrase' | 'recovery-phrase' | 'shares',
    confirm: () => Promise<void>,
  ): Promise<Protector[]> {
    const { services, root, keychain } = this.#deps;
    await this.#recognised(caller, 'RemoveProtector', kind, async () => {
      services.store.read((tx) => requireRemovable(tx, kind));
      if (kind === shown) throw showTheOther(kind);
      await confirm();
    });
    this.#write(caller, 'RemoveProtector', kind, (tx) => {
      requireRemovable(tx, kind);
      const removed = removeProtectors(tx, services.records, kind);
      if (kind === 'recovery-phrase') removeRecoverySet(tx, services.records, PHRASE, services.clock.now());
      return { removed };
    });
    // What it holds opens nothing any more; where it can't be reached, it stays there.
    if (kind === 'keychain') await keychain.delete(root.vaultId).catch(letBe);
    return this.list();
  }

  /**
   * Splits a new secret, which opens the vault and its backups, in place of an older set; returns the shares, this once. They
   * have been put together again, and have opened the vault, before they count. Throws `Usage` for numbers that make no set, and as `set`.
   */
  async split(caller: Caller, count: ShareCount, confirm: () => Promise<void>): Promise<NewSet> {
    const { services, root, throwAway } = this.#deps;
    if (throwAway) throw fail('throw-away-has-no-shares');
    await this.#recognised(caller, 'SplitRecovery', 'shares', confirm);
    const made = await newShares(count);
    const identity = await recoveryIdentity(made.secret).finally(() => wipe(made.secret));
    try {
      const to = { ...identity.recipients, kind: 'shares', id: made.id } as const;
      const protector = await recoveryProtector(root, to, services.clock);
      await requireOpens(root, protector, made.shares.slice(-count.threshold));
      this.#write(caller, 'SplitRecovery', 'shares', (tx) => {
        const replaced = this.#removeSets(tx);
        storeProtectors(tx, services.records, [protector]);
        enroll(tx, services, identity, { id: made.id, shares: count });
        return { protector: made.id, ...(replaced.length === 0 ? {} : { replaced }) };
      });
    } finally {
      identity.wipe();
    }
    return { id: made.id, threshold: count.threshold, shares: [...made.shares] };
  }

  /** Takes the share sets away. Throws `ProtectorMissing` where there is none. */
  async unsplit(caller: Caller, confirm: () => Promise<void>): Promise<Protector[]> {
    const { services } = this.#deps;
    await this.#recognised(caller, 'RemoveProtector', 'shares', async () => {
      if (!this.list().some(({ kind }) => kind === 'shares')) throw missing('shares');
      await confirm();
    });
    this.#write(caller, 'RemoveProtector', 'shares', (tx) => ({ removed: this.#removeSets(tx) }));
    return services.store.read(listProtectors);
  }

  #removeSets(tx: Tx): string[] {
    const { records, device, clock } = this.#deps.services;
    for (const { id, certifier, shares } of recoverySets(tx, records)) {
      if (shares === undefined) continue;
      removeRecoverySet(tx, records, id, clock.now());
      device.uncertify(tx, certifier);
    }
    return removeProtectors(tx, records, 'shares');
  }

  async #recognised(
    caller: Caller,
    eventName: string,
    kind: ProtectorKind | 'shares',
    act: () => Promise<void>,
  ): Promise<void> {
    try {
      await act();
    } catch (error) {
      const { code, message } = asKeywardError(error).toBody();
      const refusal = { errorCode: code, errorMessage: message };
      this.#deps.services.audit.writeOrHold(ownEvent(caller.principal, eventName, { kind }, refusal));
      throw error;
    }
  }

  /** Writes a change and its entry in one transaction; what was replaced then stands in no journal either. */
  #write(
    caller: Caller,
    eventName: string,
    kind: ProtectorKind | 'shares',
    act: (tx: Tx) => { readonly [name: string]: string | string[] },
  ): void {
    const { audit, store } = this.#deps.services;
    audit.write((tx) => {
      const facts = act(tx);
      audit.append(tx, ownEvent(caller.principal, eventName, { kind, ...facts }));
    });
    try {
      store.checkpoint();
    } catch (error) {
      // The change stands; the lock empties the journal.
      letBe(error);
    }
  }

  async #wanted(secret: Given): Promise<ProtectorSecret> {
    if (secret.kind === 'recovery-phrase') return secret;
    if (secret.kind === 'keychain') return { ...secret, keychain: this.#deps.keychain };
    return {
      kind: 'passphrase',
      bytes: Buffer.from(secret.bytes, 'base64'),
      cost: await newPassphraseCost(this.#deps.throwAway, this.#deps.cost),
    };
  }

  async #keptNow(): Promise<string | undefined> {
    return this.#deps.keychain.get(this.#deps.root.vaultId);
  }

  async #putBack(secret: string | undefined): Promise<void> {
    const { keychain, root } = this.#deps;
    const back = secret === undefined ? keychain.delete(root.vaultId) : keychain.set(root.vaultId, secret);
    await Promise.resolve(back).catch(letBe);
  }
}

function has(tx: ReadTx, kind: ProtectorKind): boolean {
  return listProtectors(tx).some((each) => each.kind === kind);
}

function requireFitting(tx: ReadTx, kind: ProtectorKind, how: SetInput['how']): void {
  const there = has(tx, kind);
  if (how === 'add' && there) {
    throw fail('protector-exists-already', { kind });
  }
  if (how === 'replace' && !there) throw missing(kind);
}

function requireRemovable(tx: ReadTx, kind: ProtectorKind): void {
  if (!has(tx, kind)) throw missing(kind);
  if (kind === 'keychain') return;
  const other = OTHER[kind];
  if (has(tx, other)) return;
  throw fail('last-protector', { kind, other }, { kind });
}

const OTHER = { passphrase: 'recovery-phrase', 'recovery-phrase': 'passphrase' } as const;

function missing(kind: ProtectorKind | 'shares'): KeywardError {
  return fail('protector-not-there', { kind });
}

function showTheOther(kind: 'passphrase' | 'recovery-phrase'): KeywardError {
  return fail('other-protector-unproven', { kind, other: OTHER[kind] }, { kind });
}

function letBe(error: unknown): void {
  if (!isKeywardError(error)) throw error;
}
