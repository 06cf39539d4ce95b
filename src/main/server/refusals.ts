import type { ErrorCode } from '../../shared/errors.ts';

/** A request that was not let in: why, and the client whose access key it named, where there is one. */
export type Refused = { readonly code: ErrorCode; readonly principal?: string };

/** Refused requests of one span of time, both ends in ms since 1970: how many of each kind, the most frequent first. */
export type RefusedSpan = {
  readonly from: number;
  readonly until: number;
  readonly kinds: readonly (Refused & { readonly count: number })[];
  /** How many more there were, of further kinds. */
  readonly others: number;
};

/** Between two reports, in milliseconds. */
const PAUSE = 60_000;

/** How many kinds of refusal are told apart within one time span. */
const MAX_KINDS = 16;

/**
 * Counts refused requests and reports them, so that a flood of them fills no log: the first at once, what follows
 * within a minute together at its end.
 */
export class Refusals {
  readonly #now: () => number;
  readonly #report: (span: RefusedSpan) => void;
  readonly #pause: number;
  #counts = new Map<string, { readonly refused: Refused; count: number }>();
  #others = 0;
  #from = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `report` must not throw. */
  constructor(now: () => number, report: (span: RefusedSpan) => void, pause = PAUSE) {
    this.#now = now;
    this.#report = report;
    this.#pause = pause;
  }

  /** Takes note of one. */
  note(refused: Refused): void {
    const kind = `${refused.code} ${refused.principal ?? ''}`;
    const known = this.#counts.get(kind);
    if (this.#counts.size === 0) this.#from = this.#now();
    if (known !== undefined) known.count += 1;
    else if (this.#counts.size < MAX_KINDS) this.#counts.set(kind, { refused, count: 1 });
    else this.#others += 1;
    if (this.#timer === undefined) this.#flush();
  }

  /** Reports what has not been reported, and stops. */
  end(): void {
    this.#flush();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#counts.size === 0) return;
    const kinds = [...this.#counts.values()].map(({ refused, count }) => ({ ...refused, count }));
    const span = {
      from: this.#from,
      until: this.#now(),
      kinds: kinds.sort((one, other) => other.count - one.count),
      others: this.#others,
    };
    this.#counts = new Map();
    this.#others = 0;
    // Nobody waits for it: the endpoint reports what is left when it ends.
    this.#timer = setTimeout(() => this.#flush(), this.#pause).unref();
    this.#report(span);
  }
}
