/** One of the works of a batch. */
export type Member = {
  /**
   * Resolves when every other member has come to such a point too, or has left: what follows is done by all at
   * the same time, so that flushes and log entries are shared. Throws once the job is cancelled.
   */
  meet(): Promise<void>;
  /** The others wait for this member no longer, and it does not for them. Safe to call twice. */
  leave(): void;
};

/** Works that go on side by side and meet at the steps that cost a flush of the disk. */
export class Batch {
  readonly #signal: AbortSignal;
  #members: number;
  #waiting: (() => void)[] = [];

  /** `members`: how many will call `member`, each once. */
  constructor(members: number, signal: AbortSignal) {
    this.#members = members;
    this.#signal = signal;
  }

  /** The next member. Each must leave in the end. */
  member(): Member {
    let left = false;
    return {
      meet: async () => {
        if (!left) await this.#meet();
        this.#signal.throwIfAborted();
      },
      leave: () => {
        if (left) return;
        left = true;
        this.#members--;
        this.#goOn();
      },
    };
  }

  #meet(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#goOn();
    });
  }

  #goOn(): void {
    if (this.#waiting.length < this.#members) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** For work that nobody else takes part in. */
export const alone: Member = { meet: async () => undefined, leave: () => undefined };
