import type { WindowStatus } from '../shared/bridge.ts';
import { fromErrorBody } from '../shared/errors.ts';
import type { Claim } from './api/index.ts';
import { hasVault, initVault, openRepair, restoreVault } from './api/index.ts';
import {
  generatedPassphrase,
  inspectFile,
  lockedStatus,
  ownerAddress,
  passphraseStrength,
  verifyBackups,
} from './api/without-session.ts';
import { readSmallFile } from './disk/tree.ts';
import { waitForClaim } from './home/claim-wait.ts';
import { throwAwayPassphrase } from './home/throw-away.ts';
import type { VaultPorts } from './ipc/session.ts';
import { OwnerClient } from './owner/client.ts';
import { HeldVault } from './owner/held-vault.ts';
import { kitPage } from './paper/kit.ts';
import { sharePages } from './paper/share-pages.ts';

/** How long to wait for a mere look at the vault, which claims it for a moment, in milliseconds. */
const PATIENCE = 1_000;

/** Binds what the window needs of the vault to the rooms that have it; `lastResort` ends the process. */
export function vaultPorts(home: string, lastResort: () => void): VaultPorts<Claim> {
  const withHolder = async <T>(act: (client: OwnerClient) => Promise<T>): Promise<T | undefined> => {
    const client = await OwnerClient.connect(ownerAddress(home));
    try {
      return client === undefined ? undefined : await act(client);
    } finally {
      client?.close();
    }
  };
  return {
    claim: () => claimSoon(home),
    init: (claim, { passphrase, keychain }) => initVault(claim, { passphrase, keychain, throwAway: false }),
    hold: (claim, credential, used) =>
      HeldVault.open(claim, { credential, kind: 'window', used, lastResort }),
    passphrases: { strength: passphraseStrength, generate: generatedPassphrase },
    throwAwayPassphrase: async () => {
      const path = throwAwayPassphrase(home);
      if (path === undefined) return undefined;
      const bytes = await readSmallFile(path, 4_096);
      const end = bytes.indexOf('\n');
      return end < 0 ? bytes : bytes.subarray(0, end);
    },
    lockedStatus: () => lockedStatus(home),
    inspect: (path) => inspectFile(path),
    restore: (claim, options) => restoreVault(claim, options),
    openRepair: (claim, options) => openRepair(claim, options),
    backups: {
      isVault: hasVault,
      verify: (folder) => verifyBackups(folder, new AbortController().signal, () => undefined),
    },
    pages: { kit: kitPage, shares: sharePages },
    holder: () =>
      withHolder(
        async ({ owner }): Promise<WindowStatus['holder']> => ({ pid: owner.pid, kind: owner.kind }),
      ),
    lockHolder: async () => {
      const answer = await withHolder((client) => client.call('vault.lock', {}));
      if (answer !== undefined && !answer.ok) throw fromErrorBody(answer.error);
    },
  };
}

/** Claims the home; `undefined` if another process holds the vault, or does not let go of it soon. */
async function claimSoon(home: string): Promise<Claim | undefined> {
  const isServed = async () => {
    const owner = await OwnerClient.connect(ownerAddress(home));
    owner?.close();
    return owner === undefined ? undefined : true;
  };
  return (await waitForClaim(home, { patience: PATIENCE, meanwhile: isServed })).claim;
}
