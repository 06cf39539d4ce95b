import { asKeywardError, isKeywardError, type Json, say } from '../../shared/errors.ts';
import type { Finding } from '../../shared/findings.ts';
import type { Tx } from '../store/database.ts';
import { OutsideChanges } from './outside-changes.ts';
import { type Damage, RecordCheck } from './record-check.ts';
import type { Services } from './services.ts';

/** How many findings of one kind are reported singly. */
const MAX_TOLD = 50;

/** A catalog of no more files is checked before the vault answers its first call: it takes some 20 ms. */
const AT_ONCE = 2_000;

/**
 * What is checked behind the open vault. Records that do not hold close it (`damaged`); until all are seen to hold
 * (`whole`) nothing is rotated or shredded. Tables that are sets of their own close nothing: what does not hold there
 * is a finding, told by the log and, until the lock, by the status.
 */
export class BackgroundChecks {
  readonly #services: Services;
  readonly #principal: string;
  readonly #stop = new AbortController();
  readonly #findings: Finding[] = [];
  readonly #records: RecordCheck;
  readonly #whole = Promise.withResolvers<void>();
  readonly #damaged = Promise.withResolvers<Damage>();
  readonly #outside: OutsideChanges;
  #jobsHold = false;
  #running: Promise<unknown> = Promise.resolve();

  /** `principal`: the ARN in whose name the log tells. `onDamage`: the next unlock is to check all before it opens. */
  constructor(services: Services, principal: string, onDamage: () => void) {
    this.#services = services;
    this.#principal = principal;
    this.#outside = new OutsideChanges(services, {
      log: (eventName, what) => this.#tell(eventName, undefined, undefined, { what }),
      damage: onDamage,
      rest: async () => {
        await this.#checkCatalog();
        await this.#checkJobs();
      },
    });
    this.#records = new RecordCheck(services.store, services.records);
  }

  /** Whether every record is known to hold. */
  get isWhole(): boolean {
    return this.#records.isDone;
  }

  /** Whether the rows of jobs are as they were written, so that jobs may go on by them. Known once `begin` has resolved. */
  get jobsHold(): boolean {
    return this.#jobsHold;
  }

  /** Resolves once every record is known to hold; never if one does not, or the vault is locked before. */
  get whole(): Promise<void> {
    return this.#whole.promise;
  }

  /** Resolves with the error of a record that does not hold, if one is found behind the open vault. */
  get damaged(): Promise<Damage> {
    return this.#damaged.promise;
  }

  /** What was found so far, and what other programs have changed up to now; each once. */
  get findings(): readonly Finding[] {
    this.#outside.look();
    const { findings: kept } = this.#services.keptPartials;
    const all = [...kept, ...this.#findings, ...this.#outside.findings];
    return [...new Map(all.map((each) => [each.message, each])).values()];
  }

  /** Checks the first records, before anything is written. Throws `VaultDamaged` naming one that does not hold. */
  beginRecords(): void {
    this.#records.begin();
  }

  /**
   * Removes what a dead owner left unfinished, then begins with the rest; resolves when the vault may answer calls, which is
   * before the end where there is much to check.
   */
  async begin(): Promise<void> {
    const { store, files } = this.#services;
    await this.#sweep();
    const [records, catalog, jobs] = [this.#checkRecords(), this.#checkCatalog(), this.#checkJobs()].map(
      (check) =>
        // A table that can't even be read is no finding: the file is not a sound database.
        check.catch((error: unknown) => this.#damaged.resolve(asKeywardError(error))),
    );
    this.#running = Promise.all([records, catalog, jobs]);
    this.#outside.begin();
    if (this.isWhole) await records;
    if (store.read((tx) => files.count(tx)) <= AT_ONCE) await catalog;
    // Some hundred rows at most.
    await jobs;
  }

  /** Stops, at lock; nothing is read any more when it resolves. */
  async end(): Promise<void> {
    this.#stop.abort();
    await Promise.all([this.#running, this.#outside.end()]);
  }

  async #sweep(): Promise<void> {
    const refused = await this.#services.keptPartials.sweep(this.#services);
    for (const path of refused.slice(0, MAX_TOLD)) {
      this.#findings.push({
        kind: 'PartialRefused',
        ...say('partial-not-ours', { path }),
      });
      this.#tell('PartialRefused', undefined, path);
    }
  }

  async #checkRecords(): Promise<void> {
    const damage = await this.#records.finish(this.#stop.signal);
    if (damage !== undefined) this.#damaged.resolve(damage);
    if (!this.isWhole) return;
    this.#mendTree();
    await this.#checkKeysFile();
    this.#whole.resolve();
  }

  /** Every row holds, so the nodes of the tree can be made anew from them. */
  #mendTree(): void {
    const { store, records } = this.#services;
    if (store.read((tx) => records.isTreeWhole(tx))) return;
    this.#findings.push({
      kind: 'TreeMended',
      ...say('tree-made-anew'),
    });
    this.#tell('TreeMended', (tx) => records.rebuildTree(tx));
  }

  /** Every row holds, so the second file can be compared with them, and written anew where it is not the same. */
  async #checkKeysFile(): Promise<void> {
    const { keysFile } = this.#services;
    try {
      const found = await keysFile?.check(this.#stop.signal);
      // Missing or behind is that of every vault that an older version made; of one that is ahead the status tells.
      if (found === 'damaged')
        this.#findings.push({ kind: 'KeysFileRenewed', ...say('keys-file-made-anew') });
      if (found === 'ahead') this.#tell('KeysFileNewer', undefined, keysFile?.newer.at(-1));
    } catch (error) {
      if (!isKeywardError(error)) throw error;
      this.#findings.push({
        kind: 'KeysFileBehind',
        ...say('keys-file-unwritable', { error: error.toBody() }),
      });
    }
  }

  async #checkCatalog(): Promise<void> {
    const { store, files, clock } = this.#services;
    if ((await files.verify(store, this.#stop.signal)) !== false) return;
    this.#findings.push({
      kind: 'CatalogChanged',
      ...say('catalog-entered-anew'),
    });
    this.#tell('CatalogChanged', (tx) => files.accept(tx, clock.now()));
  }

  async #checkJobs(): Promise<void> {
    const { store, jobRows, clock } = this.#services;
    const verdict = await jobRows.verify(store, this.#stop.signal);
    this.#jobsHold = verdict === true;
    if (verdict !== false) return;
    this.#findings.push({
      kind: 'JobsChanged',
      ...say('jobs-changed'),
    });
    this.#tell('JobsChanged', (tx) => jobRows.accept(tx, clock.now()));
  }

  /** Writes an entry, and what follows from its being written; where that can't be done, the next unlock finds it again. */
  #tell(eventName: string, settle?: (tx: Tx) => void, path?: string, requestParameters: Json = {}): void {
    const { audit } = this.#services;
    const principal = this.#principal;
    try {
      audit.write((tx) => {
        audit.append(tx, {
          ...{ eventName, eventType: 'KeywardEvent', principal, readOnly: false, keyArns: [] },
          requestParameters,
          ...(path === undefined ? {} : { file: { path } }),
        });
        settle?.(tx);
      });
    } catch (error) {
      if (!isKeywardError(error)) throw error;
    }
  }
}
