import { join } from 'node:path';
import { wireServices } from '../../src/main/api/services.ts';
import { Store } from '../../src/main/store/database.ts';
import { readIdentity } from '../../src/main/store/identity.ts';
import type { Partials } from '../../src/main/store/partials.ts';
import { openRootKey } from '../../src/main/unlock/open.ts';

/** Nothing is asked of it: the phrase opens. */
const noKeychain = {
  get: async () => undefined,
  set: async () => undefined,
  delete: async () => false,
};

/** Opens the table of partials of a vault that nobody holds, as an owner has it that is about to be killed. */
export async function withPartials<T>(
  home: string,
  phrase: string,
  act: (store: Store, partials: Partials) => T,
): Promise<T> {
  const store = Store.open(join(home, 'vault.db'), 'existing');
  try {
    const root = await openRootKey(store, { kind: 'recovery-phrase', phrase }, noKeychain);
    const services = wireServices(
      { store, keysFile: join(home, 'vault.keys') },
      root,
      store.read(readIdentity),
      { now: () => Date.now() },
    );
    store.read((tx) => services.records.verifyAll(tx));
    return act(store, services.partialTable);
  } finally {
    store.close();
  }
}
