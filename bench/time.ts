import { spawnSync } from 'node:child_process';

/** Milliseconds that a program takes, from start to end. Throws if it fails. */
export function time(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  input = '',
): number {
  const start = performance.now();
  const { status, stderr, error } = spawnSync(program, args, {
    env,
    encoding: 'utf8',
    input,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return performance.now() - start;
}

/** Whether a program is there. */
export function isThere(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined;
}

/** Calls per second with a fixed number under way at any time, after a warm-up that is not counted. */
export async function perSecond(
  call: () => Promise<unknown>,
  inFlight: number,
  seconds: number,
): Promise<number> {
  for (let n = 0; n < 200; n++) await call();
  const [began, end] = [performance.now(), performance.now() + seconds * 1_000];
  let done = 0;
  const line = async () => {
    while (performance.now() < end) {
      await call();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, line));
  return Math.round((done * 1_000) / (performance.now() - began));
}
