import { join } from 'node:path';
import { openFile } from '../../main/disk/file.ts';
import { factsAt } from '../../main/disk/tree.ts';
import { fail } from '../../shared/errors.ts';

const CHUNK = 1 << 20;

/** Throws unless the files of two folders are equal: bytes, permissions, times (to the microsecond). */
export async function requireSame(names: readonly string[], one: string, other: string): Promise<void> {
  for (const name of names) {
    const [a, b] = [join(one, name), join(other, name)];
    const [left, right] = [await factsAt(a, false), await factsAt(b, false)];
    const same =
      left !== undefined &&
      right !== undefined &&
      left.size === right.size &&
      left.mode === right.mode &&
      left.modified / 1000n === right.modified / 1000n &&
      (await sameBytes(a, b, left.size));
    if (!same) throw fail('tour-files-differ', { b, a }, { path: b });
  }
}

/** Throws if any line of the plaintext stands in the encrypted file. */
export async function requireHidden(plain: string, encrypted: string): Promise<void> {
  const file = await openFile(plain, 'read');
  const sample = Buffer.alloc(64);
  const length = await file.read(sample, 0);
  await file.close();
  const other = await openFile(encrypted, 'read');
  try {
    const { size } = await other.stat();
    const bytes = Buffer.alloc(size);
    await other.read(bytes, 0);
    if (length === sample.length && bytes.includes(sample)) {
      throw fail('tour-text-not-hidden', { path: encrypted, plain }, { path: encrypted });
    }
  } finally {
    await other.close();
  }
}

/** Changes one byte of a file in place. */
export async function damageByte(path: string, position: number): Promise<void> {
  const file = await openFile(path, 'update');
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, position);
    byte[0] = (byte[0] ?? 0) ^ 1;
    await file.write(byte, position);
  } finally {
    await file.close();
  }
}

async function sameBytes(a: string, b: string, size: number): Promise<boolean> {
  const [left, right] = [await openFile(a, 'read'), await openFile(b, 'read')];
  try {
    const [one, two] = [Buffer.alloc(CHUNK), Buffer.alloc(CHUNK)];
    for (let at = 0; at < size; at += CHUNK) {
      const [got, other] = [await left.read(one, at), await right.read(two, at)];
      if (got !== other || !one.subarray(0, got).equals(two.subarray(0, other))) return false;
    }
    return true;
  } finally {
    await left.close();
    await right.close();
  }
}
