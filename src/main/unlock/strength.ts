import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { PassphraseStrength } from '../../shared/passphrase-strength.ts';
import { settledPassphrase } from './passphrase.ts';
import { estimateStrength } from './strength-estimate.ts';

/** Of longer ones the rest counts for nothing: the estimate takes time that grows faster than they do. */
const LONGEST = 400;

/** How long the thread waits for the next keystroke, in milliseconds. */
const IDLE = 20_000;

/** What the lists are taken apart with is soon of no use, and a small nursery has less of it stay. */
const LIMITS = { maxYoungGenerationSizeMb: 2 };

let thread: Worker | undefined;
let timer: NodeJS.Timeout | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * Estimates how strong a passphrase is, by the words, names, patterns and leaked passwords in it (docs/adr/0019), on a
 * thread of its own: the lists are large, and text can't be wiped, so both end with it. The bytes stay the caller's to
 * wipe. Throws `Usage` for what can't be a passphrase.
 */
export async function passphraseStrength(given: Uint8Array): Promise<PassphraseStrength> {
  const settled = settledPassphrase(given);
  const estimate = last.then(() => estimated(settled)).finally(() => settled.fill(0));
  last = estimate.catch(() => undefined);
  return estimate;
}

/** Ends the thread, with what it knows. The next estimate starts another one. */
export async function endStrengthThread(): Promise<void> {
  clearTimeout(timer);
  const ending = thread;
  thread = undefined;
  await ending?.terminate();
}

async function estimated(settled: Buffer): Promise<PassphraseStrength> {
  clearTimeout(timer);
  const bytes = Uint8Array.from(settled.subarray(0, LONGEST));
  try {
    thread ??= new Worker(entry(), { name: 'keyward strength', resourceLimits: LIMITS });
    thread.ref();
    thread.postMessage(bytes, [bytes.buffer]);
    const [strength] = (await once(thread, 'message')) as [PassphraseStrength];
    thread.unref();
    timer = setTimeout(endStrengthThread, IDLE).unref();
    return strength;
  } catch {
    // The system may allow no more threads.
    await endStrengthThread();
    return estimateStrength(settled.toString('utf8', 0, LONGEST));
  }
}

/** Beside this module: as source, or as the bundle beside the bundle that holds this, out of the app's archive. */
function entry(): URL {
  const name = import.meta.url.endsWith('.ts') ? 'strength-worker.ts' : 'strength-worker.js';
  return new URL(new URL(name, import.meta.url).href.replace('/app.asar/', '/app.asar.unpacked/'));
}
