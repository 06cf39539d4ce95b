import type { Member } from './batch.ts';

/** Tasks of a job on the same thing take turns; those that have to wait leave their batch. */
export class KeyedMutex {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `act` when its turn on `id` has come; `waited`: others were ahead of it. */
  async take<T>(id: string, member: Member, act: (waited: boolean) => Promise<T>): Promise<T> {
    const before = this.#last.get(id);
    if (before !== undefined) member.leave();
    const turn = (async () => {
      await before?.catch(() => undefined);
      return act(before !== undefined);
    })();
    this.#last.set(id, turn);
    return turn;
  }
}
