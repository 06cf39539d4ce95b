import { appendFileSync } from 'node:fs';
import { setAeadWitness } from '../../src/main/crypto/aead.ts';
import { setDiskGate } from '../../src/main/disk/gate.ts';
import '../../src/main/envelope/engine/worker.ts';
import { errno } from './faults.ts';

/** What a thread of the engine is told by a test, as JSON in the environment variable `THREAD_PLAN`. */
export type ThreadPlan = {
  /** Each pair of key and IV that encrypts is added to this file, a line each. */
  readonly pairs?: string;
  /** What happens to writes: moved in small pieces, refused once as busy, failed, or the end of the thread. */
  readonly writes?: 'short' | 'busy' | 'fail' | 'die';
  /** The offset from which on `fail` and `die` hold. */
  readonly from?: number;
};

export const THREAD_PLAN = 'KEYWARD_TEST_THREAD';

const { pairs, writes, from = 0 } = JSON.parse(process.env[THREAD_PLAN] ?? '{}') as ThreadPlan;

if (pairs !== undefined) {
  setAeadWitness((key, iv) => {
    appendFileSync(pairs, `${Buffer.from(key).toString('hex')}/${Buffer.from(iv).toString('hex')}\n`);
  });
}

const refused = new Set<number>();

setDiskGate(({ op, offset = 0, length = 0 }) => {
  if (op !== 'write') return undefined;
  if (writes === 'short') return { atMost: 1 + (length % 300_000) };
  if (writes === 'busy' && offset % 7 === 0 && !refused.has(offset)) {
    refused.add(offset);
    throw errno('EBUSY');
  }
  if (writes === 'fail' && offset >= from) throw errno('ENOSPC');
  if (writes === 'die' && offset >= from) process.exit(3);
  return undefined;
});
