import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { dispatch } from '../../../src/main/kms/dispatch.ts';
import { newVault, OWNER } from './support.ts';

const MIB = 1 << 20;
const CALLS = 40;

/** Bytes of the heap that are in use once it has been collected. */
function inUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

it.each(['DescribeKey', 'ReEncrypt'] as const)(
  'the log keeps no request alive of which it takes a piece: %s (pitfall 69)',
  async (operation) => {
    const { kms } = newVault();
    const refused = async (n: number) => {
      const id = `${n}`.padStart(MIB, 'x');
      const input = { KeyId: id, DestinationKeyId: id, CiphertextBlob: 'eA==' };
      const caller = { ...OWNER, userAgent: id };
      // Without `expect`, which keeps what it was given.
      const outcome = await dispatch(kms, caller, operation, input).catch(() => 'refused');
      if (outcome !== 'refused') throw new Error('it was answered');
    };
    await refused(0);
    const before = inUse();
    for (let n = 1; n <= CALLS; n++) await refused(n);
    expect((inUse() - before) / MIB).toBeLessThan(CALLS / 4);
  },
);
