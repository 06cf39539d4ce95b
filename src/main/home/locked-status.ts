import type { VaultStatus } from '../../shared/contract.ts';
import { isKeywardError } from '../../shared/errors.ts';
import { isoTime } from '../../shared/measures.ts';
import { readIdentity } from '../store/identity.ts';
import { listPartials } from '../store/partials.ts';
import { listProtectors, protectorSummaries } from '../unlock/protectors.ts';
import { readDamagedFiles } from './damaged-vault.ts';
import { openDatabase } from './database.ts';
import { newerKeysFindings } from './newer-keys.ts';
import { databasePath, hasVault } from './paths.ts';

/** The version of this software; package.json says the same, and a test holds them equal. */
export const SOFTWARE = '0.1.0';

/** What runs this code, for people. */
export function runtimeName(): string {
  const electron = process.versions['electron'];
  return electron === undefined ? `Node ${process.versions.node}` : `Electron ${electron}`;
}

/**
 * What can be said of a vault that nobody holds. It changes nothing: whether what the database says of unfinished files is
 * Keyward's own word, only an unlock can tell. Throws `VaultNewer`, and `VaultDamaged` where no way in is left.
 */
export async function lockedStatus(home: string): Promise<VaultStatus> {
  const about = { home, software: SOFTWARE, runtime: runtimeName() };
  if (!hasVault(home)) return { ...about, state: 'none' };
  const found = newerKeysFindings(home);
  const findings = found.length === 0 ? {} : { findings: found };
  try {
    return { ...statusOf(home, about), ...findings };
  } catch (error) {
    if (!isKeywardError(error, 'VaultDamaged', 'VaultNotFound')) throw error;
    const known = damagedStatus(home);
    if (known === undefined) throw error;
    const message =
      error.code === 'VaultDamaged'
        ? error.toBody().message
        : `The vault is damaged: its database ${databasePath(home)} is missing. Its second file is there.`;
    return { ...about, ...known, state: 'locked', damaged: message, ...findings };
  }
}

/** What the second file and the database's own pages still tell of a damaged vault; `undefined`: no way in. */
function damagedStatus(home: string): Partial<VaultStatus> | undefined {
  const { database, protectors, identity } = readDamagedFiles(home);
  database?.close();
  const summaries = protectorSummaries(protectors);
  if (summaries.length === 0) return undefined;
  if (identity === undefined) return { protectors: summaries };
  const { id: vaultId, account, region, throwAway, created } = identity;
  const createdAt = isoTime(created);
  return { vaultId, account, region, throwAway, createdAt, protectors: summaries };
}

function statusOf(home: string, about: Pick<VaultStatus, 'home' | 'software' | 'runtime'>): VaultStatus {
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
        createdAt: isoTime(identity.created),
        protectors: listProtectors(tx),
        ...(unfinished.length === 0 ? {} : { unfinished }),
      };
    });
  } finally {
    store.close();
  }
}
