import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Where Linux keeps its programs: no variable of the user's says which one is run. */
const FOLDERS = ['/usr/bin', '/bin', '/run/current-system/sw/bin'];

/** The path of a program of the system; `undefined` if there is none, and on other systems than Linux. */
export function systemTool(name: string): string | undefined {
  if (process.platform !== 'linux') return undefined;
  return FOLDERS.map((folder) => `${folder}/${name}`).find((path) => existsSync(path));
}

/** What an open file is called in a program that was given descriptors by `runTool`, the first one 0. */
export function givenFile(index: number): string {
  return `/proc/self/fd/${index + 3}`;
}

/**
 * Runs a program of the system with open files, which it finds by `givenFile`, and `input` on its standard input; gives what it prints, whether
 * it is content or not. `undefined` if it could not be started. It has nothing of the environment.
 */
export function runTool(
  program: string,
  words: readonly string[],
  { descriptors, input = '' }: { readonly descriptors: readonly number[]; readonly input?: string },
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      stdio: ['pipe', 'pipe', 'ignore', ...descriptors],
      env: { LC_ALL: 'C' },
      cwd: '/',
    });
    const said: Buffer[] = [];
    child.on('error', () => resolve(undefined));
    child.stdin?.on('error', () => undefined);
    child.stdout?.on('data', (chunk: Buffer) => said.push(chunk));
    child.on('close', () => resolve(Buffer.concat(said).toString('utf8')));
    child.stdin?.end(input);
  });
}
