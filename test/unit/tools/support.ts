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

/** Runs the tool on a file in a folder of its own, with keys as objects. `more`: further arguments. */
export function decryptAlone(file: Buffer, keys: readonly object[], more: readonly string[] = []): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-tool-'));
  try {
    writeFileSync(join(folder, 'file'), file);
    const named = keys.flatMap((key, index) => {
      writeFileSync(join(folder, `key-${index}.json`), JSON.stringify(key));
      return ['--key', join(folder, `key-${index}.json`)];
    });
    const out = join(folder, 'out');
    const { code, said } = runTool([...named, join(folder, 'file'), '--out', out, ...more]);
    const left = readdirSync(folder).filter((name) => name !== 'file' && !name.startsWith('key-'));
    return { code, said, plaintext: left.includes('out') ? readFileSync(out) : undefined, left };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs the tool with these arguments. */
export function runTool(args: readonly string[]): { code: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [TOOL, ...args], { encoding: 'utf8' });
  return { code: status, said: stdout + stderr };
}
