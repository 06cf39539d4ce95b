import { auditReserve } from '../audit/reserve.ts';
import { Store } from '../store/database.ts';
import { readIdentity } from '../store/identity.ts';
import { databasePath } from './paths.ts';

/**
 * The database of the vault at `home` while no session is open, for a look or for sweeping. Opening takes a little
 * room; on a full disk the log's reserve gives it, in small steps. Throws as `Store.open`.
 */
export function openDatabase(home: string): Store {
  const path = databasePath(home);
  return Store.open(path, 'existing', { reserve: auditReserve(path, true) });
}

/** Whether the vault at `home` says that it is one to throw away. Throws as `openDatabase`. */
export function isThrowAway(home: string): boolean {
  const store = openDatabase(home);
  try {
    return store.read(readIdentity).throwAway;
  } finally {
    store.close();
  }
}
