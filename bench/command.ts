import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, type Row } from './table.ts';

const cli = join(import.meta.dirname, '../out/main/cli.js');
const MIB = 1 << 20;

/** Milliseconds that a program takes, from start to end. Throws if it fails. */
function time(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(program, args, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return performance.now() - start;
}

/**
 * Whole runs of the command on one file, against `cp` and a flush of the same file on the same disk, in turns;
 * ratios of medians.
 */
export function copyRows(folder: string, rounds: number, megabytes = 512): Row[] {
  const env = { ...process.env, KEYWARD_HOME: join(folder, 'vault') };
  const passphrase = join(folder, 'passphrase');
  writeFileSync(passphrase, 'only for measuring');
  const unlocked = ['--passphrase-file', passphrase];
  time(process.execPath, [cli, 'init', ...unlocked, '--recovery-file', join(folder, 'recovery')], env);
  time(process.execPath, [cli, 'unlock', ...unlocked], env);
  const source = join(folder, 'source');
  writeFileSync(source, Buffer.alloc(megabytes * MIB, 'what is copied is copied '));
  const [copy, encrypted, back] = [join(folder, 'copy'), `${source}.keyward`, join(folder, 'back')];
  const samples = {
    copy: [] as number[],
    encrypt: [] as number[],
    decrypt: [] as number[],
    node: [] as number[],
  };
  try {
    for (let round = 0; round < rounds; round++) {
      for (const path of [copy, encrypted, back]) rmSync(path, { force: true });
      const copied = time('cp', ['--reflink=never', source, copy]) + time('sync', [copy]);
      samples.copy.push(copied);
      samples.encrypt.push(time(process.execPath, [cli, 'encrypt', source], env));
      samples.decrypt.push(time(process.execPath, [cli, 'decrypt', encrypted, '--out', back], env));
      samples.node.push(time(process.execPath, ['-e', '0']));
    }
  } finally {
    time(process.execPath, [cli, 'lock'], env);
  }
  const ratio = (a: readonly number[], b: readonly number[]) => `${(median(a) / median(b)).toFixed(2)} times`;
  const status = Array.from({ length: rounds }, () => time(process.execPath, [cli, 'status'], env));
  return [
    {
      what: `encrypt ${megabytes} MiB, against cp and sync`,
      value: ratio(samples.encrypt, samples.copy),
      aim: 'at most 1.0',
    },
    {
      what: `decrypt ${megabytes} MiB, against cp and sync`,
      value: ratio(samples.decrypt, samples.copy),
      aim: 'at most 1.0',
    },
    { what: 'keyward status, against node -e 0', value: ratio(status, samples.node), aim: 'at most 4' },
  ];
}
