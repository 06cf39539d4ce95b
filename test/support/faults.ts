import { setAeadWitness } from '../../src/main/crypto/aead.ts';
import { type DiskStep, type FaultHook, setFaultHook } from '../../src/main/disk/fault-hook.ts';

/** What Node throws when the system answers `code`. */
export function errno(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: from the hook`), { code });
}

/** Lets `act` see the steps of files below `folder` only. */
export function gateBelow(folder: string, act: (step: DiskStep) => ReturnType<FaultHook>): void {
  setFaultHook((step) => (step.path.startsWith(folder) ? act(step) : undefined));
}

/** Fails the encryption that uses a pair of key and IV a second time (docs/format.md 13, property 11). */
export class PairWatch {
  readonly #pairs = new Set<string>();

  /** How many pairs were used so far. */
  get size(): number {
    return this.#pairs.size;
  }

  start(): void {
    setAeadWitness((key, iv) => {
      const pair = `${Buffer.from(key).toString('hex')}/${Buffer.from(iv).toString('hex')}`;
      if (this.#pairs.has(pair)) throw new Error('a pair of key and IV was used twice');
      this.#pairs.add(pair);
    });
  }

  stop(): void {
    setAeadWitness(undefined);
  }

  /** Opens or reopens a vault: the known answers of the self-tests are the same at every opening. */
  async without<T>(act: () => Promise<T>): Promise<T> {
    this.stop();
    try {
      return await act();
    } finally {
      this.start();
    }
  }
}
