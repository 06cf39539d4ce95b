import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

/** The built command, as bin/keyward starts it. */
export const BUILT = resolve(import.meta.dirname, '../../out/main/cli.js');

/** A command that has ended: its exit code, the signal that killed it, and its one JSON document. */
export type Ended = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
};

/** A vault of its own and the built command to work with it, in a temporary folder. */
export class CommandHome {
  readonly folder: string;
  readonly files: string;
  readonly home: string;
  /** The file with the recovery phrase. */
  readonly recovery: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.files = join(folder, 'files');
    this.home = join(folder, 'home');
    this.recovery = join(folder, 'recovery');
  }

  /** Makes the vault by `keyward init`. */
  static async make(parent = tmpdir()): Promise<CommandHome> {
    const made = CommandHome.prepare(parent);
    const ended = await made.run(made.initWords);
    if (ended.code !== 0) throw new Error(`keyward init: ${ended.out}${ended.err}`);
    return made;
  }

  /** As `make`, and a background process holds the vault unlocked. */
  static async unlocked(parent = tmpdir()): Promise<CommandHome> {
    const made = await CommandHome.make(parent);
    const ended = await made.run(['unlock', ...made.unlocking]);
    if (ended.code !== 0) throw new Error(`keyward unlock: ${ended.out}${ended.err}`);
    return made;
  }

  /** All that `keyward init` needs, but no vault yet. */
  static prepare(parent = tmpdir()): CommandHome {
    const made = new CommandHome(mkdtempSync(join(parent, 'keyward-built-')));
    mkdirSync(made.files);
    const file = openSync(join(made.folder, 'passphrase'), 'wx', 0o600);
    writeSync(file, 'a passphrase for tests\n');
    closeSync(file);
    return made;
  }

  /** The words that make the vault. */
  get initWords(): readonly string[] {
    const passphrase = ['--passphrase-file', join(this.folder, 'passphrase')];
    return ['init', '--throw-away', ...passphrase, '--recovery-file', this.recovery];
  }

  /** What a process of the command needs in its environment. */
  get env(): NodeJS.ProcessEnv {
    return { ...process.env, NO_COLOR: '1', KEYWARD_HOME: this.home, KEYWARD_PASSPHRASE_FILE: '' };
  }

  /** The words that unlock quickly: by the recovery phrase. */
  get unlocking(): readonly string[] {
    return ['--recovery-file', this.recovery];
  }

  /** Starts the command; nothing is read from it. */
  start(words: readonly string[]): ChildProcess {
    return spawn(process.execPath, [BUILT, ...words], { env: this.env, stdio: 'ignore' });
  }

  /** Runs the command with `--json` to its end. */
  async run(words: readonly string[], node: readonly string[] = []): Promise<Ended> {
    const child = spawn(process.execPath, [...node, BUILT, ...words, '--json'], {
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    return new Promise((done) => {
      child.once('close', (code, signal) => done({ code, signal, out, err }));
    });
  }

  /** What the command says in words. */
  async words(words: readonly string[]): Promise<string> {
    return (await promisify(execFile)(process.execPath, [BUILT, ...words], { env: this.env })).stdout;
  }

  /** As `run`, with the peak of the process's memory in bytes. */
  async measured(words: readonly string[]): Promise<Ended & { peak: number }> {
    const ended = await this.run(words, ['--import', TELLS_PEAK]);
    const [, kibibytes] = /peak=(\d+)/.exec(ended.err) ?? [];
    return { ...ended, peak: Number(kibibytes) * 1024 };
  }

  /** Locks the vault, whoever holds it, and removes everything. */
  async lockAndEnd(): Promise<void> {
    await this.run(['lock']);
    this.end();
  }

  /** Removes everything. */
  end(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A module that tells the peak of memory when the process ends, and changes nothing else. */
const TELLS_PEAK = `data:text/javascript,process.on('exit',()=>process.stderr.write('peak='+process.resourceUsage().maxRSS))`;

/** The whole of a document that says `ok`. */
export const okDocument = z.looseObject({ ok: z.literal(true) });

const MIB = 1 << 20;

/** Writes a file of `bytes` bytes of which no two MiB are the same. */
export function writeLarge(path: string, bytes: number): void {
  const block = Buffer.alloc(MIB);
  for (let i = 0; i < MIB; i += 4) block.writeUInt32LE(Math.imul(i, 2_654_435_761) >>> 0, i);
  const file = openSync(path, 'wx');
  for (let at = 0; at < bytes; at += MIB) {
    block.writeDoubleLE(at, 0);
    writeSync(file, block, 0, Math.min(MIB, bytes - at));
  }
  closeSync(file);
}

/** Whether two files hold the same bytes. */
export function sameBytes(left: string, right: string): boolean {
  const files = [openSync(left, 'r'), openSync(right, 'r')] as const;
  const buffers = [Buffer.alloc(4 * MIB), Buffer.alloc(4 * MIB)] as const;
  try {
    for (;;) {
      const a = readSync(files[0], buffers[0]);
      const b = readSync(files[1], buffers[1]);
      if (a !== b || !buffers[0].subarray(0, a).equals(buffers[1].subarray(0, b))) return false;
      if (a === 0) return true;
    }
  } finally {
    for (const file of files) closeSync(file);
  }
}
