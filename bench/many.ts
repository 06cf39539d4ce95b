import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli, type UnlockedVault, unlockedVault } from './command.ts';
import { forgetPeak, peakOf } from './peak.ts';
import type { Row } from './table.ts';

const LOOK = 20;

/**
 * Memory and disk over many files of 4 KiB: for each command over all of them the peaks of the process that holds the
 * vault and of the command itself, and by how much the vault has grown for each file. What the unlock took is not
 * counted, which is over by then. Linux only.
 */
export async function manyFilesRows(parent: string, files: number): Promise<Row[]> {
  const what = `peaks of memory, holder and command, over ${files} files of 4 KiB`;
  const aim = 'at most 250 MiB';
  if (process.platform !== 'linux') return [{ what, value: 'measured on Linux only', aim }];
  const folder = mkdtempSync(join(parent, 'many-'));
  const vault = unlockedVault(folder);
  try {
    const [source, sealed, plain] = ['files', 'sealed', 'plain'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    fill(source, files);
    const size = () => statSync(join(folder, 'vault', 'vault.db')).size;
    const rows: Row[] = [];
    const encrypt = ['encrypt', '--each', source, '--out', sealed];
    const measure = async (name: string, words: readonly string[]) => {
      const holder = vault.holder();
      forgetPeak(holder);
      const command = await ran(vault, [...words, '--json']);
      rows.push({
        what: `${what}: ${name}`,
        value: `${peakOf(holder).toFixed(0)} and ${command.toFixed(0)} MiB`,
        aim,
      });
    };
    const empty = size();
    await measure('encrypt', encrypt);
    // What stands in the journal is moved into the database when it is closed.
    vault.lock();
    const full = size();
    vault.unlock();
    await measure('encrypt --skip-existing', [...encrypt, '--skip-existing']);
    await measure('encrypt --overwrite', [...encrypt, '--overwrite']);
    await measure('verify', ['verify', '--each', sealed]);
    await measure('rewrap', ['rewrap', '--each', sealed]);
    await measure('reencrypt', ['reencrypt', '--each', sealed]);
    await measure('decrypt', ['decrypt', '--each', sealed, '--out', plain]);
    vault.lock();
    const each = (bytes: number) => (bytes / files).toFixed(0);
    rows.push({
      what: `growth of the vault for each of ${files} files: encrypt, and all of the above`,
      value: `${each(full - empty)} and ${each(size() - empty)} bytes`,
      aim: 'none',
    });
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fill(source: string, files: number): void {
  for (let n = 0; n < files; n++) {
    const below = join(source, `d${Math.floor(n / 500)}`);
    if (n % 500 === 0) mkdirSync(below, { recursive: true });
    writeFileSync(join(below, `f${n}`), Buffer.alloc(4096, `file ${n} `));
  }
}

/** The peak of a command's memory in MiB, looked at until it ends. */
function ran(vault: UnlockedVault, words: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const command = spawn(process.execPath, [cli, ...words], { env: vault.env, stdio: 'ignore' });
    let most = 0;
    const look = setInterval(() => {
      most = Math.max(most, peakOf(command.pid ?? 0));
    }, LOOK);
    command.on('close', (code) => {
      clearInterval(look);
      if (code === 0) resolve(most);
      else reject(new Error(`${words.join(' ')} ended with ${code}`));
    });
  });
}
