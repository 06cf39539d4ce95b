import { setImmediate as nextTurn } from 'node:timers/promises';
import { syncFolder } from './tree.ts';

const waiting = new Map<string, Promise<void>>();
const running = new Map<string, Promise<void>>();

/**
 * Flushes a folder's entries to the disk as `syncFolder` does. Those who ask while the folder is being flushed
 * share the next flush, which begins after all of them have asked.
 */
export function flushFolder(path: string): Promise<void> {
  const known = waiting.get(path);
  if (known !== undefined) return known;
  const next = begin(path);
  waiting.set(path, next);
  return next;
}

async function begin(path: string): Promise<void> {
  await running.get(path)?.catch(() => undefined);
  // Files that were put into place at the same moment go along.
  await nextTurn();
  waiting.delete(path);
  const flush = syncFolder(path);
  running.set(path, flush);
  try {
    await flush;
  } finally {
    if (running.get(path) === flush) running.delete(path);
  }
}
