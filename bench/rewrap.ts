import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UnlockedVault } from './command.ts';
import { type Row, ratioRow } from './table.ts';
import { time } from './time.ts';

const child = join(import.meta.dirname, 'rewrap.child.ts');

/** `rewrap --each` over a folder of files, against a bare program with the same writes and flushes, in turns. */
export function rewrapRow(vault: UnlockedVault, folder: string, rounds: number, files = 256): Row {
  const [source, sealed] = [join(folder, 'to-rewrap'), join(folder, 'rewrapped')];
  mkdirSync(source);
  for (let n = 0; n < files; n++) writeFileSync(join(source, `f${n}`), Buffer.alloc(4096, `file ${n} `));
  vault.run(['encrypt', '--each', source, '--out', sealed]);
  const samples = { keyward: [] as number[], 'bare program': [] as number[] };
  for (let round = 0; round < rounds; round++) {
    samples['bare program'].push(time(process.execPath, [child, sealed]));
    samples.keyward.push(vault.run(['rewrap', '--each', sealed]));
  }
  for (const path of [source, sealed]) rmSync(path, { recursive: true });
  return ratioRow(`rewrap ${files} files, time against the same writes and flushes`, 'at most 3', samples);
}
