/** One member of a batch. */
export type Member = {
  /**
   * Resolves when every other member has come to such a point too, or has left: what follows is done by all at
   * the same time, so that flushes and log entries are shared. Throws once the job is cancelled.
   */
  meet(): Promise<void>;
  /** Leaves the batch: the others no longer wait for this member, nor it for them. Safe to call twice. */
  leave(): void;
};

/** Tasks that run side by side and meet at the steps that need a flush of the disk. */
export class Batch {
  readonly #signal: AbortSignal;
  #members: number;
  #begun = 0;
  #waiting: { readonly place: number; readonly goOn: () => void }[] = [];

  /** `members`: how many will call `member`, each once. */
  constructor(members: number, signal: AbortSignal) {
    this.#members = members;
    this.#signal = signal;
  }

  /** The next member. Each must leave in the end. */
  member(): Member {
    const place = this.#begun++;
    let left = false;
    return {
      meet: async () => {
        if (!left) await this.#meet(place);
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

  #meet(place: number): Promise<void> {
    return new Promise((goOn) => {
      this.#waiting.push({ place, goOn });
      // Only when the last one waits too: who goes on while it comes would be behind the others.
      queueMicrotask(() => this.#goOn());
    });
  }

  #goOn(): void {
    if (this.#waiting.length < this.#members) return;
    // In their order, whoever came first: of two that want one name it is always the same one that gets it.
    for (const { goOn } of this.#waiting.splice(0).sort((a, b) => a.place - b.place)) goOn();
  }
}

/** The member for a task that runs alone. */
export const alone: Member = { meet: async () => undefined, leave: () => undefined };
