import type { WindowStatus } from '../shared/bridge.ts';
import { fromErrorBody } from '../shared/errors.ts';
import type { Claim } from './api/index.ts';
import {
  claimHome,
  initVault,
  inspectFile,
  lockedStatus,
  newToken,
  openSession,
  ownerAddress,
  socketAddress,
} from './api/index.ts';
import { readSmallFile } from './disk/tree.ts';
import { throwAwayPassphrase } from './home/throw-away.ts';
import type { VaultPorts } from './ipc/session.ts';
import { OwnerClient } from './owner/client.ts';
import { OwnerServer } from './owner/server.ts';

/** A look at the vault claims it for a moment: so long is waited for it, in steps, in milliseconds. */
const PATIENCE = 1_000;
const PAUSE = 50;

/** Binds what the window needs of the vault to the rooms that have it; `lastResort` ends the process. */
export function vaultPorts(home: string, lastResort: () => void): VaultPorts<Claim> {
  const address = socketAddress(home);
  const withHolder = async <T>(act: (client: OwnerClient) => Promise<T>): Promise<T | undefined> => {
    const client = await OwnerClient.connect(ownerAddress(home));
    try {
      return client === undefined ? undefined : await act(client);
    } finally {
      client?.close();
    }
  };
  return {
    lastResort,
    claim: () => claimSoon(home),
    init: (claim, { passphrase, keychain }) => initVault(claim, { passphrase, keychain, throwAway: false }),
    open: (claim, credential) => openSession(claim, { credential, kind: 'window' }),
    throwAwayPassphrase: async () => {
      const path = throwAwayPassphrase(home);
      if (path === undefined) return undefined;
      const bytes = await readSmallFile(path, 4_096);
      const end = bytes.indexOf('\n');
      return end < 0 ? bytes : bytes.subarray(0, end);
    },
    lockedStatus: () => lockedStatus(home),
    inspect: (path) => inspectFile(path),
    serve: (session, used) => {
      const served: Parameters<typeof OwnerServer.listen>[0] = {
        // The window itself says when it was idle: its own use counts too.
        idleMinutes: null,
        call: (method, input, caller) => {
          if (method !== 'vault.status') used();
          return session.call(method, input, caller);
        },
        locked: session.locked,
      };
      return OwnerServer.listen(served, address, {
        kind: 'window',
        newToken,
        lastResort,
      });
    },
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
  for (const deadline = performance.now() + PATIENCE; ; ) {
    const claim = await claimHome(home);
    if (claim !== undefined || performance.now() > deadline) return claim;
    const owner = await OwnerClient.connect(ownerAddress(home));
    owner?.close();
    if (owner !== undefined) return undefined;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
