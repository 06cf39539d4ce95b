import type { AuditVerdict } from '../../shared/audit-contract.ts';
import { asKeywardError, isKeywardError, say, sayError } from '../../shared/errors.ts';
import type { Finding } from '../../shared/findings.ts';
import type { ProtectorKind } from '../../shared/protector-contract.ts';
import { verifyIdentity } from '../store/identity.ts';
import { protectorChanges } from '../unlock/protectors.ts';
import { RecordCheck } from './record-check.ts';
import type { Services } from './services.ts';

/** How often to check whether another program has changed the database, in milliseconds. */
const LOOK_EVERY = 5_000;

type Kind = Extract<
  Finding['kind'],
  'LogChanged' | 'PartialsChanged' | 'ProtectorsChanged' | 'RecordsChanged' | 'SchemaChanged'
>;
type Change = Finding & { readonly kind: Kind };

/** What the next unlock would be turned to rescue by. */
const DAMAGE: readonly Kind[] = ['ProtectorsChanged', 'RecordsChanged', 'SchemaChanged'];

/** What a look tells to: `damage`, that the next unlock is to check all; `rest`, that the other tables are to be walked. */
type Told = {
  readonly log: (eventName: Kind, message: string) => void;
  readonly damage: () => void;
  readonly rest: () => Promise<void>;
};

/**
 * What other programs do to the database of an open vault. No answer rests on a row that does not hold, whoever changed
 * it; this looks for those that nobody reads, as the protectors are until the next unlock. A look costs a number that
 * SQLite counts; once that has changed, everything is checked: at once what is short, the rest behind. What is put back
 * as it was is no finding any more. It closes nothing.
 */
export class OutsideChanges {
  readonly #services: Services;
  readonly #tell: Told;
  readonly #stop = new AbortController();
  readonly #told = new Set<string>();
  #version: number | undefined;
  #short: readonly Change[] = [];
  #long: readonly Change[] = [];
  #walk: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(services: Services, tell: Told) {
    this.#services = services;
    this.#tell = tell;
  }

  /** What does not hold now, as far as it was looked at. */
  get findings(): readonly Finding[] {
    return [...this.#short, ...this.#long];
  }

  /** Takes the database as it is as checked, and checks periodically from now on. The timer keeps no process alive. */
  begin(): void {
    this.#version = this.#current();
    this.#timer = setInterval(() => this.look(), LOOK_EVERY).unref();
  }

  /** Stops; nothing is read any more when it resolves. */
  async end(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#timer);
    await this.#walk;
  }

  /** Checks now, if others have changed anything since the last check. */
  look(): void {
    if (this.#version === undefined || this.#stop.signal.aborted) return;
    const version = this.#current();
    // What was found may have been mended in here.
    if (version === this.#version && this.#short.length === 0) return;
    const again = version !== this.#version;
    this.#version = version;
    this.#short = this.#looked();
    this.#note(this.#short);
    if (!again) return;
    this.#walk ??= this.#walked().finally(() => {
      this.#walk = undefined;
    });
  }

  #current(): number {
    return this.#services.store.read((tx) => tx.version());
  }

  #looked(): Change[] {
    const { store, records } = this.#services;
    return [
      ...failing('SchemaChanged', () => {
        store.requireSchema();
        return [];
      }),
      ...failing('RecordsChanged', () => {
        store.read((tx) => verifyIdentity(tx, records));
        new RecordCheck(store, records).begin();
        return [];
      }),
      // Where they can't be compared, it is the records that do not hold.
      ...failing('RecordsChanged', () =>
        store.read((tx) => protectorChanges(tx, records)).map(({ id, kind, what }) => lost(id, kind, what)),
      ),
    ];
  }

  /** Once more from the start where something was changed meanwhile. */
  async #walked(): Promise<void> {
    const { signal } = this.#stop;
    for (let seen: number | undefined; seen !== this.#version && !signal.aborted; ) {
      seen = this.#version;
      const found = await this.#walkedOnce(signal);
      this.#long = found;
      this.#note(found);
    }
  }

  async #walkedOnce(signal: AbortSignal): Promise<Change[]> {
    const { store, records, audit, partialTable } = this.#services;
    const found: Change[] = [];
    const known = this.#short.some(({ kind }) => kind === 'RecordsChanged');
    const damage = known ? undefined : await new RecordCheck(store, records).finish(signal);
    if (damage !== undefined) found.push({ kind: 'RecordsChanged', ...sayError(damage) });
    try {
      if ((await partialTable.holds(store, signal)) === false) found.push(partialNotes());
      await this.#tell.rest();
      const verdict = await audit.verify(signal);
      if (!verdict.ok) found.push(logChange(verdict));
    } catch (error) {
      if (isKeywardError(error, 'Cancelled')) return found;
      if (!known && damage === undefined)
        found.push({ kind: 'RecordsChanged', ...sayError(asKeywardError(error)) });
    }
    return found;
  }

  /** Reports each once, however often it is seen. */
  #note(found: readonly Change[]): void {
    for (const { kind, message } of found) {
      if (this.#told.has(message)) continue;
      this.#told.add(message);
      if (DAMAGE.includes(kind)) this.#tell.damage();
      this.#tell.log(kind, message);
    }
  }
}

function partialNotes(): Change {
  return {
    kind: 'PartialsChanged',
    ...say('partial-notes-changed'),
  };
}

/** What `act` finds; an error that it throws is a finding of this kind. */
function failing(kind: Kind, act: () => Change[]): Change[] {
  try {
    return act();
  } catch (error) {
    return [{ kind, ...sayError(asKeywardError(error)) }];
  }
}

function lost(id: string, kind: string, what: 'removed' | 'changed' | 'added'): Change {
  return { kind: 'ProtectorsChanged', ...say('way-changed', { id, kind: kind as ProtectorKind, what }) };
}

function logChange({ firstBroken, why }: Extract<AuditVerdict, { ok: false }>): Change {
  return {
    kind: 'LogChanged',
    ...say('log-changed', { firstBroken, why }),
  };
}
