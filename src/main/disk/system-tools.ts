import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Socket } from 'node:net';

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
 * Runs a program of the system with open files, which it finds by `givenFile`, and `input` on its standard input; returns what it prints, whether
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

/** A program of the system that answers each line with a line, for as long as it is asked. */
export type AnsweringTool = {
  /** Its answers, in the order of the lines; `undefined` once it has ended. One call at a time. */
  ask(lines: readonly string[]): Promise<readonly string[] | undefined>;
};

/** How long a program may be idle before it is ended, in milliseconds. */
const IDLE = 1_000;

/**
 * Starts a program of the system that answers line by line. It has nothing of the environment, keeps no process from
 * ending, and ends with this one: its standard input does.
 */
export function answeringTool(program: string, words: readonly string[]): AnsweringTool {
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'ignore'], env: { LC_ALL: 'C' }, cwd: '/' });
  const { stdin, stdout } = child;
  let waiting: { readonly count: number; resolve(answers: readonly string[] | undefined): void } | undefined;
  let said = '';
  let isOver = false;
  let idle: NodeJS.Timeout | undefined;
  const held = (how: 'ref' | 'unref') => {
    for (const pipe of [stdin, stdout]) if (pipe instanceof Socket) pipe[how]();
    child[how]();
  };
  const settle = (answers: readonly string[] | undefined) => {
    const { resolve } = waiting ?? {};
    waiting = undefined;
    said = '';
    held('unref');
    idle = setTimeout(over, IDLE).unref();
    resolve?.(answers);
  };
  function over() {
    isOver = true;
    clearTimeout(idle);
    stdin.end();
    if (waiting !== undefined) settle(undefined);
  }
  for (const end of [child, stdin, stdout]) end.on('error', over);
  child.on('close', over);
  stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    const lines = said.split('\n');
    if (waiting !== undefined && lines.length > waiting.count) settle(lines.slice(0, waiting.count));
  });
  held('unref');
  return {
    ask: (lines) =>
      new Promise((resolve) => {
        if (isOver) return resolve(undefined);
        clearTimeout(idle);
        waiting = { count: lines.length, resolve };
        held('ref');
        stdin.write(lines.map((line) => `${line}\n`).join(''));
      }),
  };
}
