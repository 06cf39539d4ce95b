import { fail } from '../../shared/errors.ts';
import type { Console } from '../console.ts';

/** The ids of the vault's keys that a file is encrypted under, out of its header. Throws `UnsupportedSlot` if there are none. */
export async function keysOf(console: Console, file: string): Promise<string[]> {
  const { inspectFile } = await import('../../main/api/without-session.ts');
  const path = console.absolute(file);
  const { slots } = await inspectFile(path);
  const keys = slots.flatMap(({ kind, key }) => (kind === 'local' && key !== null ? [key] : []));
  if (keys.length > 0) return keys;
  throw fail('no-key-for-a-backup', { path });
}
