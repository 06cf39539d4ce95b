import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { fail } from '../../../shared/errors.ts';
import { SharedState } from './shared-state.ts';
import type { Report, Task } from './task.ts';

/** A thread without work ends after this long, in milliseconds. */
const IDLE = 5_000;

/** Two keep up with the disks of laptops; each takes some 40 MiB, and 250 MiB is what a file may cost at most. */
const MAX_FOR_ONE = 2;

/** Bytes that the buffers of one task may take: two frames for each thread. */
const MAX_MEMORY = 128 * 1024 * 1024;

/** A small nursery: what the ciphers allocate outside of the heap goes with what is collected there. */
const LIMITS = { maxYoungGenerationSizeMb: 2 };

let entry = ownEntry();
const idle: Thread[] = [];
let busy = 0;

/** A thread of the pool; `run` gives its report on a task, also when the thread dies over it. */
class Thread {
  readonly #worker: Worker;
  readonly #gone: Promise<Report>;
  #timer: NodeJS.Timeout | undefined;
  dead = false;

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.#gone = new Promise((resolve) => {
      const lost = (why: unknown) => {
        this.dead = true;
        this.#leaveIdle();
        const error = fail('internal', { what: `A thread of Keyward ended before its work: ${why}.` });
        resolve({ ok: false, sequence: Number.MAX_SAFE_INTEGER, error: error.toBody() });
      };
      worker.on('error', lost);
      worker.on('exit', (code) => lost(`exit code ${code}`));
    });
  }

  /** Starts a thread; `undefined` if none can be had. */
  static start(): Promise<Thread | undefined> {
    const started = new Promise<Thread | undefined>((resolve) => {
      const worker = new Worker(entry, { name: 'keyward frames', resourceLimits: LIMITS });
      const thread = new Thread(worker);
      worker.once('message', () => resolve(thread));
      thread.#gone.then(() => resolve(undefined));
    });
    // The system may allow no more threads.
    return started.catch(() => undefined);
  }

  async run(task: Task): Promise<Report> {
    const answered = Promise.withResolvers<Report>();
    this.#worker.once('message', answered.resolve);
    this.#worker.postMessage(task);
    const report = await Promise.race([answered.promise, this.#gone]);
    // A thread that died claimed a frame that nobody will finish.
    if (this.dead) new SharedState(task.memory).stop();
    return report;
  }

  /** Lets the process end, and the thread too if nobody needs it soon. */
  rest(): void {
    this.#worker.unref();
    this.#timer = setTimeout(() => this.end(), IDLE).unref();
    idle.push(this);
  }

  /** Takes it out of its rest. */
  wake(): this {
    clearTimeout(this.#timer);
    this.#worker.ref();
    return this;
  }

  /** Ends the thread. */
  async end(): Promise<void> {
    this.#leaveIdle();
    await this.#worker.terminate();
  }

  #leaveIdle(): void {
    const at = idle.indexOf(this);
    if (at >= 0) idle.splice(at, 1);
  }
}

/** How many threads a task with frames of `frameLength` bytes gets at most. */
export function threadsFor(frameLength: number, frames: number): number {
  const byMemory = Math.max(1, Math.floor(MAX_MEMORY / (2 * frameLength)));
  return Math.min(availableParallelism(), MAX_FOR_ONE, byMemory, frames);
}

/**
 * Runs a task on up to `count` threads and gives all their reports: when it resolves, no thread touches the
 * task's files any longer. `undefined` if no thread could be had, with nothing of the task begun.
 */
export async function runOnThreads(task: Task, count: number): Promise<readonly Report[] | undefined> {
  const free = Math.max(0, 2 * MAX_FOR_ONE - busy);
  const wanted = Math.min(count, free);
  if (wanted === 0) return undefined;
  busy += wanted;
  try {
    const known = idle.splice(0, wanted).map((thread) => thread.wake());
    const started = await Promise.all(Array.from({ length: wanted - known.length }, () => Thread.start()));
    const threads = [...known, ...started].filter((thread) => thread !== undefined);
    if (threads.length === 0) return undefined;
    const reports = await Promise.all(threads.map((thread) => thread.run(task)));
    for (const thread of threads) if (!thread.dead) thread.rest();
    return reports;
  } finally {
    busy -= wanted;
  }
}

/** Ends the threads that rest. */
export async function endThreads(): Promise<void> {
  await Promise.all([...idle].map((thread) => thread.end()));
}

/** Runs the threads to come from another file, for tests; `undefined`: from ours again. Ends those that rest. */
export async function setThreadEntry(file: URL | undefined): Promise<void> {
  entry = file ?? ownEntry();
  await endThreads();
}

/** Beside this module: as source, or as the bundle beside the bundle that holds this, out of the app's archive. */
function ownEntry(): URL {
  const name = import.meta.url.endsWith('.ts') ? 'worker.ts' : 'worker.js';
  return new URL(new URL(name, import.meta.url).href.replace('/app.asar/', '/app.asar.unpacked/'));
}
