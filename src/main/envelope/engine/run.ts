import { setImmediate as nextTurn } from 'node:timers/promises';
import { fromErrorBody } from '../../../shared/errors.ts';
import type { OpenFile } from '../../disk/file.ts';
import type { BodyPlan } from '../body-plan.ts';
import type { Body } from '../message-body.ts';
import { throwIfAborted, type Watch } from '../pipeline.ts';
import { runOnThreads, threadsFor } from './pool.ts';
import { SharedState } from './shared-state.ts';
import type { BadFrames, Report, Task } from './task.ts';
import { framesOf } from './work.ts';

/** Files with less plaintext than this, in bytes, are done sooner than threads would start. */
export const WORTH_THREADS = 32 * 1024 * 1024;

/** How often progress is told, in milliseconds. */
const LOOK = 50;

/** How many bytes of plaintext are done between two flushes that begin while the threads work. */
const FLUSH_EVERY = 64 * 1024 * 1024;

/** A file by its number, for the threads. */
type NumberedFile = Pick<OpenFile, 'path' | 'descriptor'>;

/** What to do with the frames of one file: see `Task`. */
type Frames = {
  readonly kind: Task['kind'];
  readonly body: Body;
  readonly plan: BodyPlan;
  readonly source: NumberedFile;
  readonly sink: (NumberedFile & Pick<OpenFile, 'sync'>) | undefined;
  readonly onBad?: Task['onBad'];
};

/** Bytes of plaintext done, and the frames that were left out, in order. */
type Ran = { readonly bytes: number; readonly bad: readonly BadFrames[] };

/**
 * Works on all frames of a file, on threads of their own. Whoever calls has verified the end of a file that is
 * to be decrypted. `undefined` if the file is too small for it or no thread can be had: nothing was done then.
 * Both files must stay open until it settles; no thread uses them after that. Throws the first failure of the
 * file, and `Cancelled`.
 */
export async function runFrames(frames: Frames, watch: Watch): Promise<Ran | undefined> {
  if (frames.plan.plaintextLength < WORTH_THREADS) return undefined;
  const threads = threadsFor(frames.body.frameLength, frames.plan.frames);
  if (threads < 2) return undefined;
  return follow(frames, watch, (task) => runOnThreads(task, threads));
}

/** As `runFrames`, on the caller's thread, which it lets go between any two frames. */
export async function runFramesHere(frames: Frames, watch: Watch): Promise<Ran> {
  const ran = await follow(frames, watch, async (task) => {
    const steps = framesOf(task);
    while (steps.next()) await nextTurn();
    return [steps.end()];
  });
  if (ran === undefined) throw new RangeError('no report');
  return ran;
}

async function follow(
  { kind, body, plan, source, sink, onBad = 'stop' }: Frames,
  { signal, onProgress }: Watch,
  run: (task: Task) => Promise<readonly Report[] | undefined>,
): Promise<Ran | undefined> {
  throwIfAborted(signal);
  const shared = new SharedState();
  shared.lend(body.key, body.messageId);
  const task: Task = {
    kind,
    memory: shared.memory,
    keyLength: body.key.length,
    messageIdLength: body.messageId.length,
    layout: { frameLength: body.frameLength, bodyAt: body.bodyAt, shape: body.shape },
    plan,
    source: { number: source.descriptor, path: source.path },
    sink: sink === undefined ? undefined : { number: sink.descriptor, path: sink.path },
    onBad,
  };
  const stop = () => shared.stop();
  signal?.addEventListener('abort', stop, { once: true });
  const flusher = sink === undefined ? undefined : new Flusher(sink, stop);
  const look = setInterval(() => {
    onProgress?.(shared.done);
    flusher?.look(shared.done);
  }, LOOK);
  try {
    const reports = await run(task);
    await flusher?.end();
    if (reports === undefined) return undefined;
    throwIfAborted(signal);
    const bad = collect(reports);
    onProgress?.(shared.done);
    return { bytes: shared.done, bad };
  } finally {
    clearInterval(look);
    signal?.removeEventListener('abort', stop);
    shared.wipe();
  }
}

/**
 * Flushes a file while it is being written, so that the disk need not wait for the end. A flush that fails must
 * not be forgotten: the system tells of what it lost once.
 */
class Flusher {
  readonly #file: Pick<OpenFile, 'sync'>;
  readonly #onFailure: () => void;
  #flushing: Promise<void> | undefined;
  #from = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(file: Pick<OpenFile, 'sync'>, onFailure: () => void) {
    this.#file = file;
    this.#onFailure = onFailure;
  }

  /** Begins a flush if there is enough for one and none under way; `done`: bytes so far. */
  look(done: number): void {
    if (this.#flushing !== undefined || this.#failure !== undefined || done - this.#from < FLUSH_EVERY)
      return;
    this.#from = done;
    this.#flushing = this.#flush();
  }

  /** Resolves when no flush is under way; throws what one threw. */
  async end(): Promise<void> {
    await this.#flushing;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #flush(): Promise<void> {
    try {
      await this.#file.sync();
    } catch (error) {
      this.#failure = { error };
      this.#onFailure();
    } finally {
      this.#flushing = undefined;
    }
  }
}

/** The bad frames of all threads in order; throws the failure of the earliest frame. */
function collect(reports: readonly Report[]): BadFrames[] {
  const failures = reports.filter((report) => !report.ok).toSorted((a, b) => a.sequence - b.sequence);
  if (failures[0] !== undefined) throw fromErrorBody(failures[0].error);
  const joined: BadFrames[] = [];
  const all = reports.flatMap((report) => (report.ok ? report.bad : []));
  for (const { first, last } of all.toSorted((a, b) => a.first - b.first)) {
    const before = joined.at(-1);
    if (before !== undefined && before.last === first - 1) joined[joined.length - 1] = { ...before, last };
    else joined.push({ first, last });
  }
  return joined;
}
