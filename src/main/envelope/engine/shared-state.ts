/** Where things stand in the shared memory: 8 bytes each for the counters, then flags, then key and id. */
const AT = { claimed: 0, done: 1, stop: 4, key: 32, id: 64, bytes: 96 } as const;

/**
 * What the threads of one task share: which frame is claimed next, how much plaintext is done, whether to stop,
 * and the key of the frames, which so is wiped in one place. The counters have 64 bits: one of 32 could come
 * round to a frame that was claimed before.
 */
export class SharedState {
  readonly memory: SharedArrayBuffer;
  readonly #counters: BigInt64Array;
  readonly #flags: Int32Array;

  constructor(memory = new SharedArrayBuffer(AT.bytes)) {
    this.memory = memory;
    this.#counters = new BigInt64Array(memory, 0, 2);
    this.#flags = new Int32Array(memory, 0, 8);
  }

  /** A frame number, from 1 on, that nobody else gets. */
  claim(): number {
    return Number(Atomics.add(this.#counters, AT.claimed, 1n)) + 1;
  }

  /** Adds bytes of plaintext that are done. */
  add(bytes: number): void {
    Atomics.add(this.#counters, AT.done, BigInt(bytes));
  }

  /** Bytes of plaintext that are done. */
  get done(): number {
    return Number(Atomics.load(this.#counters, AT.done));
  }

  /** Tells every thread to finish its frame and claim no more. */
  stop(): void {
    Atomics.store(this.#flags, AT.stop, 1);
    Atomics.notify(this.#flags, AT.stop);
  }

  get stopped(): boolean {
    return Atomics.load(this.#flags, AT.stop) !== 0;
  }

  /** Blocks this thread for this many milliseconds, or until the task is stopped. Never on the main thread. */
  pause(milliseconds: number): void {
    Atomics.wait(this.#flags, AT.stop, 0, milliseconds);
  }

  /** Lends the key and the message id to the threads. */
  lend(key: Uint8Array, messageId: Uint8Array): void {
    new Uint8Array(this.memory, AT.key).set(key);
    new Uint8Array(this.memory, AT.id).set(messageId);
  }

  /** The key that was lent, `length` bytes of it; ends with `wipe`. */
  key(length: number): Uint8Array {
    return new Uint8Array(this.memory, AT.key, length);
  }

  /** The message id, `length` bytes of it. */
  messageId(length: number): Uint8Array {
    return new Uint8Array(this.memory, AT.id, length);
  }

  /** Ends the loan of the key. */
  wipe(): void {
    new Uint8Array(this.memory, AT.key).fill(0);
  }
}
