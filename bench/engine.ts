import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, type Row } from './table.ts';
import { isThere } from './time.ts';

const child = join(import.meta.dirname, 'engine.child.ts');
const MIB = 1 << 20;

/**
 * The frame engine in memory (tmpfs, where there is one) against AES-GCM that reads and writes nothing, each on
 * one core and on all that there are: how much of that it reaches, and how much of its scaling.
 */
export function engineRows(rounds: number, megabytes = 1024): Row[] {
  const aims = ['at least 60 %', 'at least 60 %', 'at least 0.9'];
  const what = [
    `encrypt ${megabytes} MiB in memory, share of AES-GCM without files`,
    `decrypt ${megabytes} MiB in memory, share of AES-GCM without files`,
    'two threads against one, share of the scaling of AES-GCM without files',
  ];
  if (!isThere('taskset')) {
    return what.map((text, n) => ({
      what: text,
      value: 'needs taskset (Debian: util-linux)',
      aim: aims[n] ?? '',
    }));
  }
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'keyward-bench-'));
  const [source, sealed, back] = ['source', 'sealed', 'back'].map((name) => join(folder, name));
  try {
    writeFileSync(source ?? '', Buffer.alloc(megabytes * MIB, 'what is measured is measured '));
    const samples = {
      'AES-GCM, two threads': [] as number[],
      'AES-GCM, one thread': [] as number[],
      'encrypt, two threads': [] as number[],
      'encrypt, one thread': [] as number[],
      'decrypt, two threads': [] as number[],
    };
    for (let round = 0; round < rounds; round++) {
      samples['AES-GCM, two threads'].push(run('0,1', 'calibrate', String(megabytes)));
      samples['encrypt, two threads'].push(run('0,1', 'encrypt', source, sealed));
      samples['decrypt, two threads'].push(run('0,1', 'decrypt', sealed, back));
      samples['AES-GCM, one thread'].push(run('0', 'calibrate', String(megabytes)));
      samples['encrypt, one thread'].push(run('0', 'encrypt', source, sealed));
    }
    const of = (name: keyof typeof samples) => median(samples[name]);
    const share = (name: keyof typeof samples) =>
      `${((100 * of('AES-GCM, two threads')) / of(name)).toFixed(0)} %`;
    const own = of('encrypt, one thread') / of('encrypt, two threads');
    const bare = of('AES-GCM, one thread') / of('AES-GCM, two threads');
    return [
      { what: what[0] ?? '', value: share('encrypt, two threads'), aim: aims[0] ?? '', samples },
      { what: what[1] ?? '', value: share('decrypt, two threads'), aim: aims[1] ?? '' },
      { what: what[2] ?? '', value: (own / bare).toFixed(2), aim: aims[2] ?? '' },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds that the work took by its own account, on these cores only. */
function run(cores: string, ...words: readonly (string | undefined)[]): number {
  const args = ['-c', cores, process.execPath, child, ...words.map((word) => word ?? '')];
  const { status, stdout, stderr } = spawnSync('taskset', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
  return Number(stdout);
}
