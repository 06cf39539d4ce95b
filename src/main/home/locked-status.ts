import type { VaultStatus } from '../../shared/contract.ts';
import { readIdentity } from '../store/identity.ts';
import { listPartials } from '../store/partials.ts';
import { listProtectors } from '../unlock/protectors.ts';
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
 * What can be said of a vault that nobody holds. It changes nothing: whether what the database says of unfinished files is
 * Keyward's own word, only an unlock can tell. Throws `VaultDamaged` and `VaultNewer`.
 */
export async function lockedStatus(home: string): Promise<VaultStatus> {
  const about = { home, software: SOFTWARE, runtime: runtimeName() };
  if (!hasVault(home)) return { ...about, state: 'none' };
  const store = openDatabase(home);
  try {
    return store.read((tx) => {
      const identity = readIdentity(tx);
      const unfinished = listPartials(tx).map(({ path }) => path);
      return {
        ...about,
        state: 'locked',
        vaultId: identity.id,
        account: identity.account,
        region: identity.region,
        throwAway: identity.throwAway,
        createdAt: new Date(identity.created).toISOString(),
        protectors: listProtectors(tx),
        ...(unfinished.length === 0 ? {} : { unfinished }),
      };
    });
  } finally {
    store.close();
  }
}
