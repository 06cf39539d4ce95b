import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UnlockedVault } from './command.ts';
import { type Row, ratioRow } from './table.ts';
import { time } from './time.ts';

/** `encrypt FOLDER --each` over many small files, against `cp -r` and a flush of the disk, in turns. */
export function smallFilesRow(vault: UnlockedVault, folder: string, rounds: number, files = 10_000): Row {
  const source = join(folder, 'many');
  for (let n = 0; n < files; n++) {
    const below = join(source, `d${Math.floor(n / 500)}`);
    if (n % 500 === 0) mkdirSync(below, { recursive: true });
    writeFileSync(join(below, `f${n}`), Buffer.alloc(4096, `file ${n} `));
  }
  const [copy, out] = [join(folder, 'many-copy'), join(folder, 'many-out')];
  const samples = { keyward: [] as number[], 'cp -r and sync -f': [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const path of [copy, out]) rmSync(path, { recursive: true, force: true });
    time('sync', []);
    samples['cp -r and sync -f'].push(time('cp', ['-r', source, copy]) + time('sync', ['-f', copy]));
    time('sync', []);
    samples.keyward.push(vault.run(['encrypt', '--each', source, '--out', out]));
  }
  return ratioRow(`${files} files of 4 KiB, time against cp -r and sync -f`, 'at most 6', samples);
}
