import { afterAll, describe, expect, it } from 'vitest';
import { LiveVault } from '../support/live-vault.ts';

describe('what the recovery kit says', async () => {
  const vault = await LiveVault.make(undefined, false);
  afterAll(() => vault.end());

  it('has the words as they were made, however they were typed, and nothing secret without them', async () => {
    const typed = vault.phrase
      .split(' ')
      .map((word, n) => `${n + 1}. ${word.toUpperCase()}`)
      .join(',\n');
    const kit = await vault.call('recovery.kit', { phrase: typed });
    expect(kit.phrase).toBe(vault.phrase);
    expect(kit.identities?.x25519).toMatch(/^AGE-SECRET-KEY-1/);
    const plain = await vault.call('recovery.kit', {});
    expect([plain.phrase, plain.identities]).toEqual([undefined, undefined]);
  });

  it('is made of other words only while they are new ones, which open nothing yet', async () => {
    const { phrase } = await vault.call('protectors.newPhrase', {});
    await expect(vault.call('recovery.kit', { phrase })).rejects.toMatchObject({
      code: 'WrongRecoveryPhrase',
    });
    expect((await vault.call('recovery.kit', { phrase, isNew: true })).phrase).toBe(phrase);
    const known = await vault.call('recovery.kit', { phrase: vault.phrase });
    const fresh = await vault.call('recovery.kit', { phrase, isNew: true });
    expect(fresh.identities).not.toEqual(known.identities);
  });
});
