import { appendFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { setAeadWitness } from '../../src/main/crypto/aead.ts';
import { setFaultHook } from '../../src/main/disk/fault-hook.ts';
import '../../src/main/envelope/engine/worker.ts';
import { errno } from './faults.ts';

/** What a thread of the engine is told by a test, as JSON in the environment variable `THREAD_PLAN`. */
export type ThreadPlan = {
  /** Each pair of key and IV that encrypts is added to this file, a line each. */
  readonly pairs?: string;
  /**
   * What happens to writes: moved in small pieces, refused once as busy, failed, the end of the thread, or busy
   * up to an offset and failed from there on.
   */
  readonly writes?: 'short' | 'busy' | 'fail' | 'die' | 'busy, then fail';
  /** Whether the thread ends by itself when its task is done. */
  readonly ends?: boolean;
  /** The offset from which on they fail or die. */
  readonly from?: number;
};

export const THREAD_PLAN = 'KEYWARD_TEST_THREAD';

const { pairs, writes, ends, from = 0 } = JSON.parse(process.env[THREAD_PLAN] ?? '{}') as ThreadPlan;

if (pairs !== undefined) {
  setAeadWitness((key, iv) => {
    appendFileSync(pairs, `${Buffer.from(key).toString('hex')}/${Buffer.from(iv).toString('hex')}\n`);
  });
}

// Behind the engine's own listener, which has done its work by then.
if (ends === true) parentPort?.on('message', () => setTimeout(() => process.exit(4), 20));

const refused = new Set<number>();

setFaultHook(({ op, offset = 0, length = 0 }) => {
  if (op !== 'write') return undefined;
  if (writes === 'short') return { atMost: 1 + (length % 300_000) };
  if (writes === 'busy' && offset % 7 === 0 && !refused.has(offset)) {
    refused.add(offset);
    throw errno('EBUSY');
  }
  if (writes?.endsWith('fail') && offset >= from) throw errno('ENOSPC');
  if (writes === 'busy, then fail') throw errno('EBUSY');
  if (writes === 'die' && offset >= from) process.exit(3);
  return undefined;
});
