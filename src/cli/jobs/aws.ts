import { readSmallFile } from '../../main/disk/tree.ts';
import type { Console } from '../console.ts';
import type { EncryptOptions } from './options.ts';

/** What `--format aws` and `--suite` ask for, as calls take it. */
export function awsOf({ format, suite }: EncryptOptions): { aws?: { suite: '0478' | '0578' } } {
  return format === 'aws' ? { aws: { suite: suite ?? '0478' } } : {};
}

/** The text of a keyring file, if one was named. */
export async function keyringOf(
  console: Console,
  path: string | undefined,
): Promise<{ keyring?: { name: string; json: string } }> {
  if (path === undefined) return {};
  const bytes = await readSmallFile(console.absolute(path), 1 << 20, console.signal);
  return { keyring: { name: path, json: bytes.toString('utf8') } };
}
