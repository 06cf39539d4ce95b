/**
 * `npm run bench [ROUNDS]`: measures side by side in one run and prints a table of medians and ratios. What is
 * slow is reported, never failed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyRows } from './command.ts';
import { tableOf } from './table.ts';
import { pageRow, startRow } from './window.ts';

const rounds = Number(process.argv[2] ?? 7);
const folder = mkdtempSync(join(tmpdir(), 'keyward-bench-'));
try {
  const rows = [...copyRows(folder, rounds), await startRow(folder, rounds), pageRow()];
  console.log(`Node ${process.versions.node}, ${cpus().length} cores, ${rounds} rounds, warm cache`);
  console.log(tableOf(rows));
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(0);
