import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BodiesLoad } from './bodies.child.ts';
import { cli, type UnlockedVault, unlockedVault } from './command.ts';
import { forgetPeak, peakOf } from './peak.ts';
import type { AccessKey } from './signed.ts';
import type { Row } from './table.ts';

const CONNECTIONS = 64;
const KIB = 1024;

/** What is asked with. */
type Bodies = Pick<BodiesLoad, 'bytes' | 'refused'>;

const BODIES: readonly Bodies[] = [
  ...[1, 16, 64, 256].map((size) => ({ bytes: size * KIB, refused: false })),
  { bytes: 256 * KIB, refused: true },
];

/**
 * Memory of the process that holds the vault while `keyward serve` answers 64 connections that ask without a pause, by
 * the size of their bodies: of the background process of `keyward unlock`, then of `keyward serve` where the vault was
 * locked. What the unlock took is not counted, which is over by then. Linux only.
 */
export async function bodiesRows(parent: string, seconds = 10): Promise<Row[]> {
  const what = `peak of memory, holder and serve alone, ${CONNECTIONS} busy connections, bodies of`;
  const whatOf = ({ bytes, refused }: Bodies) => `${what} ${bytes / KIB} KiB${refused ? ', refused' : ''}`;
  const aim = 'at most 250 MiB';
  if (process.platform !== 'linux') {
    return BODIES.map((bodies) => ({ what: whatOf(bodies), value: 'measured on Linux only', aim }));
  }
  const folder = mkdtempSync(join(parent, 'bodies-'));
  const vault = unlockedVault(folder);
  try {
    const words = [cli, 'clients', 'create', 'app', '--full-access', '--json'];
    const made = spawnSync(process.execPath, words, { env: vault.env, encoding: 'utf8' });
    const key = JSON.parse(made.stdout) as AccessKey;
    const loads = BODIES.map((bodies) => ({ ...bodies, key, seconds, connections: CONNECTIONS }));
    const held = await served(vault, [], loads);
    vault.lock();
    const alone = await served(vault, vault.unlocking, loads);
    return BODIES.map((bodies, at) => ({
      what: whatOf(bodies),
      value: `${held[at]?.toFixed(0)} and ${alone[at]?.toFixed(0)} MiB`,
      aim,
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Serves a vault, and returns the peak of whoever holds it under each load. Throws if a call was answered otherwise than it should be. */
async function served(
  vault: UnlockedVault,
  words: readonly string[],
  loads: readonly Omit<BodiesLoad, 'url' | 'region'>[],
): Promise<number[]> {
  const serve = spawn(process.execPath, [cli, 'serve', '--json', ...words], {
    env: vault.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => serve.once('close', resolve));
  try {
    const said = await new Promise<string>((resolve) => {
      serve.stdout.once('data', (line) => resolve(String(line)));
    });
    const { endpoint: url, region } = JSON.parse(said) as { endpoint: string; region: string };
    const holder = vault.holder();
    return loads.map((load) => {
      forgetPeak(holder);
      const statuses = loaded({ ...load, url, region });
      if (Object.keys(statuses).some((status) => status !== (load.refused ? '400' : '200'))) {
        throw new Error(`answered otherwise: ${JSON.stringify(statuses)}`);
      }
      return peakOf(holder);
    });
  } finally {
    serve.kill();
    await ended;
  }
}

function loaded(load: BodiesLoad): { readonly [status: string]: number } {
  const child = join(import.meta.dirname, 'bodies.child.ts');
  const { stdout, stderr, status } = spawnSync(process.execPath, [child], {
    input: JSON.stringify(load),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`bodies.child.ts ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as { readonly [status: string]: number };
}
