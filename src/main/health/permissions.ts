import { join } from 'node:path';
import { say } from '../../shared/errors.ts';
import type { Finding } from '../../shared/findings.ts';
import { factsAt } from '../disk/tree.ts';

const NAMES = ['', 'vault.db', 'vault.db-wal', 'vault.keys', 'run'];

/** What of the vault's folder other users can reach. */
export async function permissions(home: string): Promise<Finding[]> {
  if (process.platform === 'win32') return [];
  const open: string[] = [];
  for (const name of NAMES) {
    const path = join(home, name);
    const facts = await factsAt(path, true);
    if (facts !== undefined && (facts.mode & 0o077) !== 0) open.push(path);
  }
  return open.map((path) => ({
    kind: 'HomeOpenToOthers',
    ...say('open-to-others', { path }),
  }));
}
