import { spawnSync } from 'node:child_process';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Row, ratioRow } from './table.ts';
import { time } from './time.ts';

/** The built command. */
export const cli = join(import.meta.dirname, '../out/main/cli.js');
const MIB = 1 << 20;

/**
 * An unlocked vault for the time of a run; `run` gives the milliseconds of one command, `holder` the id of the
 * process that holds the vault.
 */
export type UnlockedVault = {
  readonly env: NodeJS.ProcessEnv;
  /** What a command is told to unlock it by itself. */
  readonly unlocking: readonly string[];
  run(words: readonly string[]): number;
  holder(): number;
  lock(): void;
  unlock(): void;
};

/** Makes a vault in `folder` and unlocks it in the background. */
export function unlockedVault(folder: string): UnlockedVault {
  const env = { ...process.env, KEYWARD_HOME: join(folder, 'vault') };
  const passphrase = join(folder, 'passphrase');
  writeFileSync(passphrase, 'only for measuring');
  const unlocking = ['--passphrase-file', passphrase];
  const run = (words: readonly string[]) => time(process.execPath, [cli, ...words], env);
  run(['init', ...unlocking, '--recovery-file', join(folder, 'recovery')]);
  const unlock = () => void run(['unlock', ...unlocking]);
  unlock();
  const holder = (): number => {
    const { stdout } = spawnSync(process.execPath, [cli, 'status', '--json'], { env, encoding: 'utf8' });
    return Number(/"pid": ?(\d+)/.exec(stdout)?.[1]);
  };
  return { env, unlocking, run, holder, unlock, lock: () => void run(['lock']) };
}

/**
 * Whole runs of the command on one file, against `cp` and a flush of the same file on the same disk, in turns;
 * ratios of medians. The source is in the cache. Before each run its own output of the round before goes, so that
 * all find the same free memory and the same free space; the first round is not counted.
 */
export function copyRows(vault: UnlockedVault, folder: string, rounds: number, megabytes = 2048): Row[] {
  const source = join(folder, 'source');
  writeLarge(source, megabytes);
  const [copy, encrypted, back] = [join(folder, 'copy'), `${source}.keyward`, join(folder, 'back')];
  const copied: number[] = [];
  const ours = { encrypt: [] as number[], decrypt: [] as number[] };
  const fresh = (path: string, act: () => number): number => {
    rmSync(path, { force: true });
    return act();
  };
  for (let round = 0; round <= rounds; round++) {
    const spent = {
      copy: fresh(copy, () => time('cp', ['--reflink=never', source, copy]) + time('sync', [copy])),
      encrypt: fresh(encrypted, () => vault.run(['encrypt', source])),
      decrypt: fresh(back, () => vault.run(['decrypt', encrypted, '--out', back])),
    };
    if (round === 0) continue;
    copied.push(spent.copy);
    ours.encrypt.push(spent.encrypt);
    ours.decrypt.push(spent.decrypt);
  }
  for (const path of [source, copy, encrypted, back]) rmSync(path, { force: true });
  return (['encrypt', 'decrypt'] as const).map((job) =>
    ratioRow(`${job} ${megabytes} MiB, time against cp and sync`, 'at most 1.0, then 0.8', {
      keyward: ours[job],
      'cp and sync': copied,
    }),
  );
}

/** Makes a file of this many mebibytes, piece by piece. */
export function writeLarge(path: string, megabytes: number): void {
  writeFileSync(path, '');
  const piece = Buffer.alloc(64 * MIB, 'what is copied is copied ');
  for (let done = 0; done < megabytes; done += 64) {
    appendFileSync(path, piece.subarray(0, Math.min(64, megabytes - done) * MIB));
  }
}

/** The command's start: a look at the status, against a Node that does nothing. */
export function statusRow(vault: UnlockedVault, rounds: number): Row {
  const samples = { 'keyward status': [] as number[], 'node -e 0': [] as number[] };
  for (let round = 0; round < rounds; round++) {
    samples['keyward status'].push(vault.run(['status']));
    samples['node -e 0'].push(time(process.execPath, ['-e', '0']));
  }
  return ratioRow('keyward status, time against node -e 0', 'at most 4', samples);
}
