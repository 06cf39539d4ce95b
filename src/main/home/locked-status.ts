import type { VaultStatus } from '../../shared/contract.ts';
import { isKeywardError } from '../../shared/errors.ts';
import { readIdentity } from '../store/identity.ts';
import { listProtectors } from '../unlock/protectors.ts';
import { claimHome } from './claim.ts';
import { openDatabase } from './database.ts';
import { hasVault } from './paths.ts';

/** The version of this software; package.json says the same, and a test holds them equal. */
export const SOFTWARE = '0.1.0';

/** What runs this code, for people. */
export function runtimeName(): string {
  const electron = process.versions['electron'];
  return electron === undefined ? `Node ${process.versions.node}` : `Electron ${electron}`;
}

/**
 * What can be said of a vault that nobody holds. On the way it removes what a dead owner left unfinished, as
 * every start does. Throws `VaultDamaged` and `VaultNewer`.
 */
export async function lockedStatus(home: string): Promise<VaultStatus> {
  const about = { home, software: SOFTWARE, runtime: runtimeName() };
  if (!hasVault(home)) return { ...about, state: 'none' };
  await sweepIfFree(home);
  const store = openDatabase(home);
  try {
    return store.read((tx) => {
      const identity = readIdentity(tx);
      return {
        ...about,
        state: 'locked',
        vaultId: identity.id,
        account: identity.account,
        region: identity.region,
        throwAway: identity.throwAway,
        createdAt: new Date(identity.created).toISOString(),
        protectors: listProtectors(tx),
      };
    });
  } finally {
    store.close();
  }
}

async function sweepIfFree(home: string): Promise<void> {
  try {
    await (await claimHome(home))?.release();
  } catch (error) {
    // A home that can't be written to can still be looked at.
    if (!isKeywardError(error, 'PermissionDenied', 'DiskReadOnly', 'DiskFull')) throw error;
  }
}
