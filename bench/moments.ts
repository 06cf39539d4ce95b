import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cli, type UnlockedVault, writeLarge } from './command.ts';
import { median, type Row, ratioRow } from './table.ts';
import { time } from './time.ts';

const MIB = 1 << 20;

/** From the start of `encrypt -` to the first byte that it gives, against a Node that does nothing. */
export async function firstByteRow(vault: UnlockedVault, rounds: number): Promise<Row> {
  const samples = { 'keyward encrypt -': [] as number[], 'node -e 0': [] as number[] };
  for (let round = 0; round < rounds; round++) {
    samples['keyward encrypt -'].push(await firstByte(vault));
    samples['node -e 0'].push(time(process.execPath, ['-e', '0']));
  }
  return ratioRow('encrypt -, start to first byte, time against node -e 0', 'at most 4', samples);
}

function firstByte(vault: UnlockedVault): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const command = spawn(process.execPath, [cli, 'encrypt', '-'], { env: vault.env });
    let first: number | undefined;
    command.stdout.on('data', () => {
      first ??= performance.now() - start;
    });
    command.on('close', (code) => {
      if (first === undefined) reject(new Error(`encrypt - ended with ${code} and gave nothing`));
      else resolve(first);
    });
    command.stdin.end('dear diary');
  });
}

/** From Ctrl-C in the middle of a file to the end of the command, when nothing is left of what it made. */
export async function cancelRow(vault: UnlockedVault, folder: string, rounds: number): Promise<Row> {
  const source = join(folder, 'to-cancel');
  writeLarge(source, 1024);
  const samples: number[] = [];
  for (let round = 0; round < rounds; round++) samples.push(await cancel(vault, source));
  rmSync(source);
  const value = `${median(samples).toFixed(0)} ms`;
  return {
    what: 'Ctrl-C in the middle of 1 GiB, to the end of the command',
    value,
    aim: 'under 100 ms',
    samples: { cancel: samples },
  };
}

function cancel(vault: UnlockedVault, source: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const command = spawn(process.execPath, [cli, 'encrypt', source], { env: vault.env, stdio: 'ignore' });
    const partial = `${source}.keyward.partial`;
    let start = 0;
    const look = setInterval(() => {
      if (!existsSync(partial) || statSync(partial).size < MIB) return;
      clearInterval(look);
      start = performance.now();
      command.kill('SIGINT');
    }, 1);
    command.on('close', (code) => {
      const spent = performance.now() - start;
      clearInterval(look);
      if (code === 1 && start > 0 && !existsSync(partial)) resolve(spent);
      else reject(new Error(`a cancelled command ended with ${code}`));
    });
  });
}

/** The most memory that the process that holds the vault has had so far; Linux only. */
export function memoryRow(vault: UnlockedVault): Row {
  const what = 'peak memory of the process that holds the vault, after all of the above';
  const aim = 'at most 250 MiB';
  if (process.platform !== 'linux') return { what, value: 'measured on Linux only', aim };
  const [, peak] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${vault.holder()}/status`, 'utf8')) ?? [];
  return { what, value: `${(Number(peak) / 1024).toFixed(0)} MiB`, aim };
}
