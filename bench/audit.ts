import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Row } from './table.ts';

/** Pages of a log of a million entries, for each kind of search, and the room that an entry takes. */
export function auditRows(entries = 1_000_000): Row[] {
  const { stdout, status } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'audit.child.ts'), String(entries)],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`audit.child.ts ended with ${status}`);
  const answer = Object.entries(JSON.parse(stdout) as { readonly [name: string]: number });
  const isTime = ([name]: readonly [string, number]) => name.endsWith(', ms');
  const of = (some: readonly (readonly [string, number])[], unit: string) =>
    some.map(([name, value]) => `${name.replace(', ms', '')} ${value} ${unit}`).join('; ');
  const log = `a log of ${entries.toLocaleString('en')} entries`;
  return [
    {
      what: `A page of 100 of ${log}`,
      value: of(answer.filter(isTime), 'ms'),
      aim: 'at most 50 ms each',
    },
    {
      what: `Room for an entry of ${log}, half of them on files`,
      value: of(
        answer.filter((pair) => !isTime(pair)),
        'bytes',
      ).replaceAll('bytes of an entry ', ''),
      aim: 'none',
    },
  ];
}
