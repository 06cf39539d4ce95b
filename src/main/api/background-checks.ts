import type { Finding } from '../../shared/contract.ts';
import { isKeywardError } from '../../shared/errors.ts';
import type { Tx } from '../store/database.ts';
import { sweepPartials } from '../vault/partials.ts';
import type { Services } from './services.ts';

/** So many findings of one kind are told singly. */
const MOST_TOLD = 50;

/** A catalog of no more files is checked before the vault answers its first call: it takes some 20 ms. */
const AT_ONCE = 2_000;

/**
 * What is checked behind the open vault, since nothing of it may close it: the tables that are sets of their own. What
 * does not hold is a finding: it is told by the log and, until the lock, by the status.
 */
export class BackgroundChecks {
  readonly #services: Services;
  readonly #principal: string;
  readonly #stop = new AbortController();
  readonly #findings: Finding[] = [];
  #running: Promise<void> = Promise.resolve();

  /** `principal`: the ARN in whose name the log tells. */
  constructor(services: Services, principal: string) {
    this.#services = services;
    this.#principal = principal;
  }

  /** What was found so far. */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /**
   * Removes what a dead owner left unfinished, then begins with the rest; resolves when the vault may answer calls, which is
   * before the end where there is much to check.
   */
  async begin(): Promise<void> {
    const { store, files } = this.#services;
    await this.#sweep();
    this.#running = this.#checkCatalog();
    if (store.read((tx) => files.count(tx)) <= AT_ONCE) await this.#running;
  }

  /** Stops, at lock; nothing is read any more when it resolves. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #sweep(): Promise<void> {
    const { store, partialTable, clock } = this.#services;
    const { kept, refused } = await sweepPartials(store, partialTable, clock);
    for (const path of kept.slice(0, MOST_TOLD)) {
      this.#findings.push({
        kind: 'PartialKept',
        message: `What a job left unfinished may still stand somewhere: ${path}. It is removed at an unlock when its disk and folder are there.`,
      });
    }
    for (const path of refused.slice(0, MOST_TOLD)) {
      this.#findings.push({
        kind: 'PartialRefused',
        message: `The vault was changed from outside: it said that ${path} was left unfinished, which Keyward did not write there. Nothing was removed. If a crash left that file, remove it yourself.`,
      });
      this.#tell('PartialRefused', undefined, path);
    }
  }

  async #checkCatalog(): Promise<void> {
    const { store, files, clock } = this.#services;
    if ((await files.verify(store, this.#stop.signal)) !== false) return;
    this.#findings.push({
      kind: 'CatalogChanged',
      message:
        'What the vault knew of its files was changed from outside: a row of its catalog was edited, removed or put back. No file and no key is affected, but older headers may go unnoticed. Rewrap the files to have them entered anew.',
    });
    this.#tell('CatalogChanged', (tx) => files.accept(tx, clock.now()));
  }

  /** Writes an entry, and what follows from its being written; where that can't be done, the next unlock finds it again. */
  #tell(eventName: string, settle?: (tx: Tx) => void, path?: string): void {
    const { audit } = this.#services;
    const principal = this.#principal;
    try {
      audit.write((tx) => {
        audit.append(tx, {
          ...{ eventName, eventType: 'KeywardEvent', principal, readOnly: false, keyArns: [] },
          requestParameters: {},
          ...(path === undefined ? {} : { file: { path } }),
        });
        settle?.(tx);
      });
    } catch (error) {
      if (!isKeywardError(error)) throw error;
    }
  }
}
