import { join } from 'node:path';
import { say } from '../../shared/errors.ts';
import type { Finding } from '../../shared/findings.ts';
import { listFolder } from '../disk/tree.ts';

/** Files that a repair moved aside. */
export async function keptFiles(home: string): Promise<Finding[]> {
  const names = (await listFolder(home))
    .map(({ name }) => name)
    .filter((name) => /^vault\.(db|keys).*\.damaged-/.test(name));
  return names.map((name) => ({
    kind: 'DamagedFileKept',
    ...say('damaged-file-kept', { path: join(home, name) }),
  }));
}
