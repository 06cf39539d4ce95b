import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Answer, Reader } from './answer.ts';

/** The reader in Python, written from docs/format.md. */
export const PYTHON_READER = join(import.meta.dirname, 'native_reader.py');

/** Why the reader in Python can't run here; `undefined` if it can. */
export function whyNoPython(): string | undefined {
  const { status } = spawnSync('python3', ['-c', 'import cryptography'], { stdio: 'ignore' });
  return status === 0
    ? undefined
    : 'needs Python 3 with the package "cryptography" (Debian: python3-cryptography)';
}

/** The reader in Python as one process that lives as long as it is asked; `exports`: key files as objects. */
export function pythonReader(exports: readonly object[]): Reader {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-python-'));
  const words = exports.flatMap((one, index) => {
    const path = join(folder, `${index}.json`);
    writeFileSync(path, JSON.stringify(one));
    return ['--key', path];
  });
  const child: ChildProcessWithoutNullStreams = spawn('python3', [PYTHON_READER, ...words, '--serve']);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  // A process that is gone is told by the answer that does not come.
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    name: 'Python',
    async read(file) {
      const head = Buffer.alloc(4);
      head.writeUInt32BE(file.length);
      child.stdin.write(Buffer.concat([head, file]));
      const line = await lines.next();
      if (line.done === true) throw new Error(`the reader in Python ended: ${said}`);
      return JSON.parse(line.value) as Answer;
    },
    async end() {
      child.stdin.end();
      await closed;
      rmSync(folder, { recursive: true });
    },
  };
}
