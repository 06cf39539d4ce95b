import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryKeychain } from '../../../src/main/unlock/keychain.ts';
import { addProtectors } from '../../../src/main/unlock/protectors.ts';
import { RootKey } from '../../../src/main/unlock/root-key.ts';
import { CHEAP } from '../../support/live-vault.ts';

/** What was made since a test began: secrets, which are to be zeros by its end, and salts. */
const made: Uint8Array[] = [];
vi.mock('../../../src/main/crypto/bytes.ts', async (original) => {
  const real = await original<typeof import('../../../src/main/crypto/bytes.ts')>();
  return {
    ...real,
    randomBytes: (count: number) => {
      const bytes = real.randomBytes(count);
      made.push(bytes);
      return bytes;
    },
  };
});
vi.mock('../../../src/main/unlock/passphrase.ts', async (original) => {
  const real = await original<typeof import('../../../src/main/unlock/passphrase.ts')>();
  return {
    ...real,
    settledPassphrase: (given: Uint8Array) => {
      const bytes = real.settledPassphrase(given);
      made.push(bytes);
      return bytes;
    },
  };
});

describe('a secret is wiped where its protector can not be made', () => {
  const clock = { now: () => 1 };
  beforeEach(() => {
    made.length = 0;
  });

  it('of a keychain that keeps nothing', async () => {
    const root = RootKey.create(randomUUID());
    made.length = 0;
    const keychain = new MemoryKeychain();
    keychain.breakWith('locked');
    await expect(addProtectors(root, { keychain }, clock)).rejects.toMatchObject({
      code: 'KeychainUnavailable',
    });
    expect(made.map((bytes) => bytes.every((byte) => byte === 0))).toEqual([true]);
  });

  it('of a passphrase whose root key is gone', async () => {
    const root = RootKey.create(randomUUID());
    made.length = 0;
    root.wipe();
    const wanted = { passphrase: Buffer.from('a passphrase for tests'), cost: CHEAP };
    await expect(addProtectors(root, wanted, clock)).rejects.toThrow();
    // What the passphrase settled to comes first, then the salt, which is no secret.
    expect(made[0]?.every((byte) => byte === 0)).toBe(true);
  });
});
