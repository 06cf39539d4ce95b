import { spawn, spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** The system calls by which a process changes files, flushes them, or answers. */
const CALLS = [
  'execve',
  'open openat creat close dup dup2 dup3',
  'write writev pwrite64 pwritev pwritev2 copy_file_range sendfile',
  'truncate ftruncate fallocate fsync fdatasync',
  'rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat mkdir mkdirat rmdir',
]
  .join(' ')
  .replaceAll(' ', ',');

/** One system call that succeeded. `began` and `ended` are line numbers of one clock for all threads. */
export type SystemCall = {
  readonly name: string;
  readonly began: number;
  readonly ended: number;
  /** The text between the brackets, strings still in hex. */
  readonly args: string;
  readonly result: number;
};

/** Why no run can be recorded here; `undefined` if it can. */
export function whyNoTrace(): string | undefined {
  const { error, status } = spawnSync('strace', ['-o', '/dev/null', 'true']);
  if (error !== undefined) return 'needs strace, which is not installed';
  return status === 0 ? undefined : 'needs strace with the right to trace processes (ptrace)';
}

/** Runs a command under strace to its end, the trace going to `path`; returns its exit code and output. */
export function traced(
  path: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; out: string }> {
  // -xx: everything in hex, so that any byte survives; -s: longer than any write.
  const options = [
    '-f',
    '-xx',
    '-s',
    String(8 << 20),
    '-o',
    path,
    '-e',
    `trace=${CALLS}`,
    '-e',
    'signal=none',
  ];
  const child = spawn('strace', [...options, ...command], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  return new Promise((done) => child.once('close', (code) => done({ code, out })));
}

const WHOLE = /^(\d+) +(\w+)\((.*)\) += +(\d+)$/s;
const BEGUN = /^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$/s;
const RESUMED = /^(\d+) +<\.\.\. \w+ resumed>(.*)\) += +(\d+)$/s;

/**
 * The processes of a trace that became other programs than the traced one: they have descriptors of their own, and
 * what they are given to look at they do not write to.
 */
async function otherPrograms(path: string): Promise<Set<string>> {
  const others = new Set<string>();
  let first: string | undefined;
  for await (const text of createInterface({ input: createReadStream(path) })) {
    const [, process] = /^(\d+) +execve\(/.exec(text) ?? [];
    if (process === undefined) continue;
    first ??= process;
    if (process !== first) others.add(process);
  }
  return others;
}

/** The successful calls of a trace in the order in which they ended. */
export async function* readTrace(path: string): AsyncGenerator<SystemCall> {
  const others = await otherPrograms(path);
  const begun = new Map<string, { name: string; args: string; began: number }>();
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(path) })) {
    line++;
    if (others.has(text.slice(0, text.search(/ /))) || / execve\(| execve resumed>/.test(text)) continue;
    const start = BEGUN.exec(text);
    if (start !== null) {
      begun.set(start[1] ?? '', { name: start[2] ?? '', args: start[3] ?? '', began: line });
      continue;
    }
    const rest = RESUMED.exec(text);
    if (rest !== null) {
      const first = begun.get(rest[1] ?? '');
      if (first === undefined) continue;
      yield {
        name: first.name,
        args: first.args + (rest[2] ?? ''),
        began: first.began,
        ended: line,
        result: Number(rest[3]),
      };
      continue;
    }
    const whole = WHOLE.exec(text);
    if (whole === null) continue;
    yield {
      name: whole[2] ?? '',
      args: whole[3] ?? '',
      began: line,
      ended: line,
      result: Number(whole[4]),
    };
  }
}

/** The strings among a call's arguments, as bytes. */
export function stringsOf(args: string): Buffer[] {
  return [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?/g)].map(([, hex, cut]) => {
    if (cut !== undefined) throw new Error('strace cut a string short');
    return Buffer.from((hex ?? '').replaceAll('\\x', ''), 'hex');
  });
}

/** The arguments that are not strings, by their place. */
export function errorText(args: string): string[] {
  return args.replace(/"[^"]*"/g, '""').split(', ');
}
