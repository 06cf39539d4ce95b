import { say } from '../../shared/errors.ts';
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
    ...say('newer-keys-file', { path }),
  }));
}
