import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeLarge } from './command.ts';
import { median, type Row } from './table.ts';
import { isThere, time } from './time.ts';

const child = join(import.meta.dirname, 'engine.child.ts');

/**
 * The frame engine in memory (tmpfs, where there is one) against AES-GCM that reads and writes nothing, each on
 * one core and on all that there are: how much of that it reaches, and how much of its scaling.
 */
export function engineRows(rounds: number, megabytes = 1024): Row[] {
  const aims = ['at least 60 %', 'at least 60 %', 'at least 0.9', 'none', 'none'];
  const what = [
    `encrypt ${megabytes} MiB in memory, share of AES-GCM without files`,
    `decrypt ${megabytes} MiB in memory, share of AES-GCM without files`,
    'two threads against one, share of the scaling of AES-GCM without files',
    `cp of ${megabytes} MiB in memory, share of AES-GCM without files`,
    'reading, AES-GCM and writing in memory, shares of one thread',
  ];
  if (!isThere('taskset')) {
    return what.map((text, n) => ({
      what: text,
      value: 'needs taskset (Debian: util-linux)',
      aim: aims[n] ?? '',
    }));
  }
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'keyward-bench-'));
  const [source, sealed, back] = [join(folder, 'source'), join(folder, 'sealed'), join(folder, 'back')];
  try {
    writeLarge(source, megabytes);
    // Memory that was not used before costs a virtual machine more than the work.
    for (const path of [sealed, back]) time('cp', [source, path]);
    const samples = {
      'AES-GCM, two threads': [] as number[],
      'AES-GCM, one thread': [] as number[],
      'encrypt, two threads': [] as number[],
      'encrypt, one thread': [] as number[],
      'decrypt, two threads': [] as number[],
      cp: [] as number[],
    };
    for (let round = 0; round < rounds; round++) {
      samples['AES-GCM, two threads'].push(run('0,1', 'calibrate', String(megabytes)));
      samples['encrypt, two threads'].push(run('0,1', 'encrypt', source, sealed));
      samples['decrypt, two threads'].push(run('0,1', 'decrypt', sealed, back));
      samples['AES-GCM, one thread'].push(run('0', 'calibrate', String(megabytes)));
      samples['encrypt, one thread'].push(run('0', 'encrypt', source, sealed));
      rmSync(back);
      samples.cp.push(time('cp', ['--reflink=never', source, back]));
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
      { what: what[3] ?? '', value: share('cp'), aim: aims[3] ?? '' },
      { what: what[4] ?? '', value: output('0', 'profile', source, back), aim: aims[4] ?? '' },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds that the work took by its own account, on these cores only. */
function run(cores: string, ...words: readonly string[]): number {
  return Number(output(cores, ...words));
}

function output(cores: string, ...words: readonly string[]): string {
  const args = ['-c', cores, process.execPath, child, ...words];
  const { status, stdout, stderr } = spawnSync('taskset', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
  return stdout.trim();
}
