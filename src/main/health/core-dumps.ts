import { say } from '../../shared/errors.ts';
import type { Finding } from '../../shared/findings.ts';
import { readIfThere } from '../disk/tree.ts';

/** Whether the system writes this process's memory, with the keys in it, to a file if it crashes. */
export function coreDumps(): Finding[] {
  const limits = process.platform === 'linux' ? readIfThere('/proc/self/limits') : undefined;
  const soft = /^Max core file size\s+(\S+)/m.exec(limits ?? '')?.[1];
  if (soft === undefined || soft === '0') return [];
  return [
    {
      kind: 'CoreDumpsAllowed',
      ...say('core-dumps-allowed'),
    },
  ];
}
