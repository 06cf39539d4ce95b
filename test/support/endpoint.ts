import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { KMSClient, type KMSClientConfig } from '@aws-sdk/client-kms';
import type { z } from 'zod';
import { listening } from '../../src/shared/endpoint-contract.ts';
import { BUILT, type CommandHome } from './command.ts';
import type { LiveVault } from './live-vault.ts';

/** Where an endpoint listens, for which region and account. */
export type Listening = z.output<typeof listening>;

/** An access key as `clients create` gives it. */
export type AccessKey = { readonly accessKeyId: string; readonly secretAccessKey: string };

/** An endpoint and how to end it; `over` is how the call that served it ended. */
export type Serving = {
  readonly facts: Listening;
  readonly over: Promise<'stopped' | string>;
  stop(): Promise<void>;
};

/** Has a live vault serve its endpoint. */
export async function serveLive(vault: LiveVault, unsigned = false): Promise<Serving> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const call = vault.call('endpoint.serve', { port: 0, unsigned }, { streams: { input, output } });
  const over = call.then(
    () => 'stopped',
    (error: { code?: string }) => error.code ?? String(error),
  );
  const line = await Promise.race([
    new Promise<Buffer>((resolve) => output.once('data', resolve)),
    call.then(() => Promise.reject(new Error('it stopped at once'))),
  ]);
  return {
    facts: listening.parse(JSON.parse(String(line))),
    over,
    stop: async () => {
      input.end();
      await over;
    },
  };
}

/** AWS's own client for an endpoint, which asks once only. */
export function clientOf(facts: Listening, key: AccessKey, more: KMSClientConfig = {}): KMSClient {
  const { accessKeyId, secretAccessKey } = key;
  return new KMSClient({
    endpoint: facts.endpoint,
    region: facts.region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
    ...more,
  });
}

/** `keyward serve --json` as a process of its own. */
export type ServeCommand = {
  readonly child: ChildProcess;
  readonly facts: Listening;
  /** Exit code, and all that was written. */
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;
};

/** Starts `keyward serve --json` and waits until it listens. Throws with its words if it ends instead. */
export async function serveCommand(home: CommandHome, words: readonly string[] = []): Promise<ServeCommand> {
  const child = spawn(process.execPath, [BUILT, 'serve', '--json', ...home.unlocking, ...words], {
    env: home.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, out, err }));
  });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (out.includes('\n')) resolve(out.slice(0, out.indexOf('\n')));
    });
    ended.then(({ code }) => reject(new Error(`keyward serve ended with ${code}: ${out}${err}`)));
  });
  return { child, facts: listening.parse(JSON.parse(line)), ended };
}

/** The TCP ports that a process listens at; Linux. */
export function listeningPorts(pid: number): number[] {
  const sockets = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
  const lines = ['tcp', 'tcp6'].flatMap((name) =>
    readFileSync(`/proc/${pid}/net/${name}`, 'utf8').split('\n'),
  );
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.includes(inode ?? ''))
    .map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '', 16));
}
