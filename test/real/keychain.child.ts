/**
 * Runs inside a session bus of its own. First argument: `round-trip`, or `ask`, which only looks. Prints one line
 * of JSON: what the system's keychain answered.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Store } from '../../src/main/store/database.ts';
import { exitProcess } from '../../src/main/unlock/exit-process.ts';
import { openRootKey } from '../../src/main/unlock/open.ts';
import { createProtectors } from '../../src/main/unlock/protectors.ts';
import { RootKey } from '../../src/main/unlock/root-key.ts';
import { SystemKeychain } from '../../src/main/unlock/system-keychain.ts';
import { verifyUnlocked } from '../../src/main/unlock/verify.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { isKeywardError } from '../../src/shared/errors.ts';
import { CHEAP, fillVault, recordsOf, VAULT_ID } from '../unit/unlock/vault.ts';

const keychain = new SystemKeychain();

async function roundTrip(): Promise<unknown> {
  const path = join(process.env['HOME'] ?? '', 'vault.db');
  const root = RootKey.create(VAULT_ID);
  const wanted = { passphrase: Buffer.from('x'), cost: CHEAP, keychain };
  const protectors = await createProtectors(root, wanted, systemClock);
  let store = Store.open(path, 'create');
  fillVault(store, root, protectors);
  store.close();
  store = Store.open(path, 'existing');
  const opened = await openRootKey(store, { kind: 'keychain' }, keychain);
  verifyUnlocked(store, recordsOf(opened));
  store.close();
  rmSync(path);
  return {
    same: opened.purposeKey('test').equals(root.purposeKey('test')),
    other: (await keychain.get('no-such-vault')) ?? null,
  };
}

async function ask(): Promise<unknown> {
  return { secret: (await keychain.get(VAULT_ID)) ?? null };
}

const start = performance.now();
const act = process.argv[2] === 'round-trip' ? roundTrip : ask;
const answer = await act().catch((error: unknown) =>
  isKeywardError(error) ? error.toBody() : { error: String(error) },
);
console.log(JSON.stringify({ answer, ms: Math.round(performance.now() - start) }));
exitProcess(0);
