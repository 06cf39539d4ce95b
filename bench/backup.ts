import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { median, type Row } from './table.ts';

/** A backup of a vault with this many versions, made, flushed and read back. */
export function backupRow(rounds: number, versions = 1_000): Row {
  const words = [join(import.meta.dirname, 'backup.child.ts'), String(versions), String(rounds)];
  const { stdout, status } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`backup.child.ts ended with ${status}`);
  const samples = JSON.parse(stdout) as number[];
  return {
    what: `backup of ${versions} versions, made, flushed and read back`,
    value: `${median(samples).toFixed(0)} ms`,
    aim: 'under 1,000 ms',
    samples: { keyward: samples },
  };
}
