/** So small a body is read at once: all connections together hold no more than four MiB of them. */
const SMALL = 16 * 1024;

/** Gives back what was taken; safe to call twice. */
type GiveBack = () => void;

type Waiting = { readonly bytes: number; readonly go: () => void };

/**
 * Bounds the bytes of request bodies that are read and worked on at one time, over all connections: each takes several
 * times as much memory until it is answered. Who finds it spent waits unread, in the order of coming.
 */
export class BodyBudget {
  readonly #bytes: number;
  #taken = 0;
  #waiting: Waiting[] = [];

  /** `bytes`: in all; a body that is larger than that is let in alone. */
  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** Bytes of bodies in flight, small ones left out. */
  get taken(): number {
    return this.#taken;
  }

  /** Waits until there is room for a body of this many bytes; small ones never wait. Throws the reason of `stop` once it is aborted. */
  async take(bytes: number, stop: AbortSignal): Promise<GiveBack> {
    stop.throwIfAborted();
    if (bytes <= SMALL) return () => undefined;
    if (this.#waiting.length > 0 || !this.#fits(bytes)) await this.#turn(bytes, stop);
    else this.#taken += bytes;
    let taken = bytes;
    return () => {
      this.#taken -= taken;
      taken = 0;
      this.#next();
    };
  }

  #turn(bytes: number, stop: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting = this.#waiting.filter((each) => each !== waiting);
        reject(stop.reason as Error);
        this.#next();
      };
      const waiting = {
        bytes,
        go: () => {
          stop.removeEventListener('abort', leave);
          resolve();
        },
      };
      this.#waiting.push(waiting);
      stop.addEventListener('abort', leave, { once: true });
    });
  }

  #fits(bytes: number): boolean {
    return this.#taken === 0 || this.#taken + bytes <= this.#bytes;
  }

  #next(): void {
    for (
      let first = this.#waiting[0];
      first !== undefined && this.#fits(first.bytes);
      first = this.#waiting[0]
    ) {
      this.#waiting.shift();
      this.#taken += first.bytes;
      first.go();
    }
  }
}
