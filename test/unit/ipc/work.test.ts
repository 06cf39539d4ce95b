import { describe, expect, it } from 'vitest';
import { workWith } from '../../../src/main/ipc/handlers.ts';
import type { VaultHolder } from '../../../src/main/ipc/holder.ts';
import type { Order } from '../../../src/main/ipc/jobs.ts';
import type { HomeClaim } from '../../../src/main/ipc/session.ts';

const FOLLOW = { signal: new AbortController().signal, progress: () => undefined, results: () => undefined };

/** What the vault is asked for an order. */
async function asked(order: Partial<Order>): Promise<unknown> {
  let input: unknown;
  const call = async (_method: string, given: unknown) => {
    input = given;
    return { results: [] };
  };
  const whole = {
    kind: 'encrypt',
    paths: ['/a'],
    title: 'a',
    overwrite: false,
    several: false,
    ...order,
  } as const;
  await workWith({ call } as unknown as VaultHolder<HomeClaim>)(whole, FOLLOW);
  return input;
}

describe('an order of the window', () => {
  it.each(['encrypt', 'decrypt'] as const)(
    'to %s a folder or several files passes over what is there (pitfall 72)',
    async (kind) => {
      expect(await asked({ kind, several: true })).toMatchObject({ skipExisting: true });
      expect(await asked({ kind, several: false })).not.toHaveProperty('skipExisting');
    },
  );
});
