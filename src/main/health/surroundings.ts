import type { Finding } from '../../shared/findings.ts';
import { newerKeysFindings } from '../home/newer-keys.ts';
import { coreDumps } from './core-dumps.ts';
import { diskSpace } from './disk-space.ts';
import { keptFiles } from './kept-files.ts';
import { permissions } from './permissions.ts';

/** What can be found of a vault's folder, disk and process without any key. */
export async function surroundings(home: string): Promise<Finding[]> {
  const found = await Promise.all([permissions(home), diskSpace(home), keptFiles(home)]);
  return [...found.flat(), ...coreDumps(), ...newerKeysFindings(home)];
}
