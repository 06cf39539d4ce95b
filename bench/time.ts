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
