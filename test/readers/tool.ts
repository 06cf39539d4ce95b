import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { TOOL } from '../unit/tools/support.ts';
import type { Answer, Reader } from './answer.ts';

type Source = { readonly size: number; read(at: number, length: number): Buffer };
type Keys = object;
/** What the standalone decryptor gives to whoever imports it. */
type Tool = {
  noKeys(): Keys;
  addKeys(keys: Keys, path: string, text: string): void;
  decryptFile(
    file: Source,
    keys: Keys,
    sink: (bytes: Buffer) => void,
    note: (text: string) => void,
  ): Promise<void>;
};

/** The standalone decryptor, within this process: no start of Node for each file. `exports`: key files as objects. */
export async function toolReader(exports: readonly object[]): Promise<Reader> {
  const tool = (await import(pathToFileURL(TOOL).href)) as Tool;
  const keys = tool.noKeys();
  for (const one of exports) tool.addKeys(keys, 'key.json', JSON.stringify(one));
  return {
    name: 'standalone decryptor',
    async read(bytes): Promise<Answer> {
      const hash = createHash('sha256');
      const file = {
        size: bytes.length,
        read: (at: number, length: number) => bytes.subarray(at, at + length),
      };
      try {
        await tool.decryptFile(
          file,
          keys,
          (piece) => void hash.update(piece),
          () => undefined,
        );
        return { code: null, sha256: hash.digest('hex') };
      } catch (error) {
        const { exit, code } = error as { readonly exit?: number; readonly code?: string };
        // Anything but a refusal is a fault of the tool.
        if (exit !== 5 || code === undefined) throw error;
        return { code, sha256: null };
      }
    },
  };
}
