import { fail, type KeywardError } from '../../shared/errors.ts';

/** Where a secret per vault is kept by the system. Every method throws only `KeychainUnavailable`. */
export interface Keychain {
  /** The secret of an account, or `undefined` if the keychain works and has none. */
  get(account: string): Promise<string | undefined>;
  /** Keeps a secret, in place of an older one. */
  set(account: string, secret: string): Promise<void>;
  /** Forgets a secret; false if there was none. */
  delete(account: string): Promise<boolean>;
}

/** Why a keychain can't be used (details.reason). */
export type KeychainReason = 'no-library' | 'no-bus' | 'no-service' | 'locked' | 'denied' | 'timeout';

/** The error for a keychain that can't be used. */
export function keychainUnavailable(reason: KeychainReason, cause?: unknown): KeywardError {
  return fail('keychain-unavailable', { reason }, { reason }, cause);
}

/** Keeps secrets in memory, for tests and for vaults that live as long as the process; or fails for a reason. */
export class MemoryKeychain implements Keychain {
  readonly #secrets = new Map<string, string>();
  #broken: KeychainReason | undefined;

  /** From now on every call fails for this reason; `undefined` makes it work again. */
  breakWith(reason: KeychainReason | undefined): void {
    this.#broken = reason;
  }

  async get(account: string): Promise<string | undefined> {
    this.#check();
    return this.#secrets.get(account);
  }

  async set(account: string, secret: string): Promise<void> {
    this.#check();
    this.#secrets.set(account, secret);
  }

  async delete(account: string): Promise<boolean> {
    this.#check();
    return this.#secrets.delete(account);
  }

  #check(): void {
    if (this.#broken !== undefined) throw keychainUnavailable(this.#broken);
  }
}
