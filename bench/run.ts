/**
 * `npm run bench [ROUNDS]`: measures side by side in one run, prints a table of medians and ratios, and writes it
 * with all samples to bench/RESULTS.md. What is slow is reported, never failed. `npm run bench -- --check`
 * measures nothing: it fails if the README's table is not the one in bench/RESULTS.md.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditRows } from './audit.ts';
import { backupRow } from './backup.ts';
import { bodiesRows } from './bodies.ts';
import { copyRows, statusRow, unlockedVault } from './command.ts';
import { engineRows } from './engine.ts';
import { endpointRows, kmsRows } from './kms.ts';
import { manyFilesRows } from './many.ts';
import { cancelRow, firstByteRow, memoryRow } from './moments.ts';
import { peerRows } from './peers.ts';
import { openingRows } from './recovery.ts';
import { rewrapRow } from './rewrap.ts';
import { smallFilesRow } from './small.ts';
import { resultsOf, tableOf } from './table.ts';
import { pageRow, startRow } from './window.ts';

const RESULTS = join(import.meta.dirname, 'RESULTS.md');
const README = join(import.meta.dirname, '../README.md');

if (process.argv.includes('--check')) check();
else await measure(Number(process.argv[2] ?? 7));
process.exit(0);

function check(): void {
  const [table] = /\| measure \|[\s\S]*?(?=\n\n)/.exec(readFileSync(RESULTS, 'utf8')) ?? [];
  if (table !== undefined && readFileSync(README, 'utf8').includes(table)) {
    console.log("bench: the README's table is what was measured");
    return;
  }
  console.error("bench: the README's table differs from bench/RESULTS.md. Copy it from there.");
  process.exit(1);
}

async function measure(rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-bench-'));
  const vault = unlockedVault(folder);
  try {
    const rows = [
      ...copyRows(vault, folder, rounds),
      ...peerRows(vault, Math.min(rounds, 3)),
      memoryRow(vault),
      ...engineRows(Math.min(rounds, 5)),
      smallFilesRow(vault, folder, Math.min(rounds, 3)),
      rewrapRow(vault, folder, rounds),
      ...(await manyFilesRows(folder, 10_000)),
      ...(await manyFilesRows(folder, 100_000)),
      await cancelRow(vault, folder, rounds),
      ...kmsRows(Math.min(rounds, 3)),
      ...auditRows(),
      backupRow(rounds),
      ...openingRows(Math.min(rounds, 5)),
      ...endpointRows(Math.min(rounds, 3)),
      ...(await bodiesRows(folder)),
      statusRow(vault, rounds),
      await firstByteRow(vault, rounds),
      await startRow(folder, rounds),
      pageRow(),
    ];
    const about = `Node ${process.versions.node}, ${cpus().length} cores, ${rounds} rounds, warm cache`;
    console.log(about);
    console.log(tableOf(rows));
    const head = `# What npm run bench printed\n\n${about}. Commit ${commit()}.\n\n`;
    writeFileSync(RESULTS, `${head}${tableOf(rows)}\n\n## Samples\n\n${resultsOf(rows)}\n`);
  } finally {
    vault.lock();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function commit(): string {
  const { stdout } = spawnSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  return stdout.trim() || 'unknown';
}
