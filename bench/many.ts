import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli, type UnlockedVault, unlockedVault } from './command.ts';
import type { Row } from './table.ts';

const LOOK = 20;

/**
 * Memory and disk over many files of 4 KiB: the peaks of the process that holds the vault and of the command, in
 * `encrypt --each` and then `verify --each` with `--json`, and by how much the vault has grown. Linux only.
 */
export async function manyFilesRow(parent: string, files: number): Promise<Row> {
  const what = `peaks of memory, holder and command, encrypt and verify ${files} files of 4 KiB; growth of the vault`;
  const aim = 'at most 250 MiB';
  if (process.platform !== 'linux') return { what, value: 'measured on Linux only', aim };
  const folder = mkdtempSync(join(parent, 'many-'));
  const vault = unlockedVault(folder);
  try {
    const [source, sealed] = [join(folder, 'files'), join(folder, 'sealed')];
    for (let n = 0; n < files; n++) {
      const below = join(source, `d${Math.floor(n / 500)}`);
      if (n % 500 === 0) mkdirSync(below, { recursive: true });
      writeFileSync(join(below, `f${n}`), Buffer.alloc(4096, `file ${n} `));
    }
    const database = join(folder, 'vault', 'vault.db');
    const before = statSync(database).size;
    const command = [
      await peakOf(vault, ['encrypt', '--each', source, '--out', sealed, '--json']),
      await peakOf(vault, ['verify', '--each', sealed, '--json']),
    ];
    const holder = peak(vault.holder());
    vault.lock();
    const grown = (statSync(database).size - before) / (1 << 20);
    const most = Math.max(...command);
    return { what, value: `${holder.toFixed(0)} and ${most.toFixed(0)} MiB; ${grown.toFixed(0)} MiB`, aim };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The peak of a command's memory in MiB, looked at until it ends. */
function peakOf(vault: UnlockedVault, words: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const command = spawn(process.execPath, [cli, ...words], { env: vault.env, stdio: 'ignore' });
    let most = 0;
    const look = setInterval(() => {
      most = Math.max(most, peak(command.pid ?? 0));
    }, LOOK);
    command.on('close', (code) => {
      clearInterval(look);
      if (code === 0) resolve(most);
      else reject(new Error(`${words.join(' ')} ended with ${code}`));
    });
  });
}

/** The most memory that a process has had so far, in MiB; 0 if there is none. */
function peak(pid: number): number {
  try {
    const [, kibibytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kibibytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}
