import type { Finding } from '../../shared/findings.ts';
import { newerKeysFiles } from '../store/keys-file/newer.ts';
import { keysPath } from './paths.ts';

/**
 * What is told as long as a keys file that knows more than the database is kept in `home`: an older vault.db was put
 * back, which nothing else tells once it was opened. A finding for each file.
 */
export function newerKeysFindings(home: string): Finding[] {
  return newerKeysFiles(keysPath(home)).map((path) => ({
    kind: 'KeysFileNewer',
    message: `A newer keys file of this vault stands beside it: ${path}. An older vault.db was put back, so keys and versions that were made since, and what was done to them, are in that file alone. Lock the vault and put the newer vault.db back, or see docs/recovery.md, "An older vault.db"; keep the file until then. This is said until it is moved away.`,
  }));
}
