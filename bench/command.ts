import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
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
  run(words: readonly string[]): number;
  holder(): number;
  lock(): void;
};

/** Makes a vault in `folder` and unlocks it in the background. */
export function unlockedVault(folder: string): UnlockedVault {
  const env = { ...process.env, KEYWARD_HOME: join(folder, 'vault') };
  const passphrase = join(folder, 'passphrase');
  writeFileSync(passphrase, 'only for measuring');
  const unlocked = ['--passphrase-file', passphrase];
  const run = (words: readonly string[]) => time(process.execPath, [cli, ...words], env);
  run(['init', ...unlocked, '--recovery-file', join(folder, 'recovery')]);
  run(['unlock', ...unlocked]);
  const holder = (): number => {
    const { stdout } = spawnSync(process.execPath, [cli, 'status', '--json'], { env, encoding: 'utf8' });
    return Number(/"pid": ?(\d+)/.exec(stdout)?.[1]);
  };
  return { env, run, holder, lock: () => run(['lock']) };
}

/**
 * Whole runs of the command on one file, against `cp` and a flush of the same file on the same disk, in turns;
 * ratios of medians.
 */
export function copyRows(vault: UnlockedVault, folder: string, rounds: number, megabytes = 512): Row[] {
  const source = join(folder, 'source');
  writeFileSync(source, Buffer.alloc(megabytes * MIB, 'what is copied is copied '));
  const [copy, encrypted, back] = [join(folder, 'copy'), `${source}.keyward`, join(folder, 'back')];
  const copied: number[] = [];
  const ours = { encrypt: [] as number[], decrypt: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const path of [copy, encrypted, back]) rmSync(path, { force: true });
    copied.push(time('cp', ['--reflink=never', source, copy]) + time('sync', [copy]));
    ours.encrypt.push(vault.run(['encrypt', source]));
    ours.decrypt.push(vault.run(['decrypt', encrypted, '--out', back]));
  }
  for (const path of [source, copy, encrypted, back]) rmSync(path, { force: true });
  return (['encrypt', 'decrypt'] as const).map((job) =>
    ratioRow(`${job} ${megabytes} MiB, time against cp and sync`, 'at most 1.0', {
      keyward: ours[job],
      'cp and sync': copied,
    }),
  );
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
