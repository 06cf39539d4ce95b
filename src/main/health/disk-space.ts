import { say } from '../../shared/errors.ts';
import type { Finding } from '../../shared/findings.ts';
import { sizeText } from '../../shared/measures.ts';
import { freeBytes } from '../disk/volume.ts';

/** Less room than this is told. */
const MIN_BYTES = 256 << 20;

/** Whether the disk of the vault has room for what is to come. */
export async function diskSpace(home: string): Promise<Finding[]> {
  const free = await freeBytes(home);
  if (free >= MIN_BYTES) return [];
  return [
    {
      kind: 'DiskLow',
      ...say('disk-low', { size: sizeText(free) }),
    },
  ];
}
