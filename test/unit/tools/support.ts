import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The tool's file. */
export const TOOL = join(import.meta.dirname, '../../../tools/keyward-decrypt.mjs');

/** What the tool did: its exit code, what it said, what it decrypted if it did, and what else it left behind. */
export type Outcome = {
  readonly code: number | null;
  readonly said: string;
  readonly plaintext: Buffer | undefined;
  readonly left: readonly string[];
};

/** Runs the tool on a file in a folder of its own, with keys as objects. `more`: further arguments, `node`: Node's. */
export function decryptAlone(
  file: Buffer,
  keys: readonly object[],
  more: readonly string[] = [],
  node: readonly string[] = [],
): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-tool-'));
  try {
    writeFileSync(join(folder, 'file'), file);
    const named = keys.flatMap((key, index) => {
      writeFileSync(join(folder, `key-${index}.json`), JSON.stringify(key));
      return ['--key', join(folder, `key-${index}.json`)];
    });
    const out = join(folder, 'out');
    const { code, said } = runTool([...named, join(folder, 'file'), '--out', out, ...more], node);
    const left = readdirSync(folder).filter((name) => name !== 'file' && !name.startsWith('key-'));
    return { code, said, plaintext: left.includes('out') ? readFileSync(out) : undefined, left };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs the tool with these arguments, and those for Node; one that does not end is killed. */
export function runTool(
  args: readonly string[],
  node: readonly string[] = [],
): { code: number | null; said: string } {
  const words = [...node, TOOL, ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    encoding: 'utf8',
    timeout: 10_000,
  });
  return { code: status, said: stdout + stderr };
}
