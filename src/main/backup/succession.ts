import { z } from 'zod';
import { verifyBytes } from '../crypto/sign.ts';

/** How many devices before it one knows of. */
const MAX_PREDECESSORS = 64;

/**
 * A device that another took the place of: its key, when that was (ISO 8601, in UTC), and its signature over the key of the
 * one that came next. Both in base64.
 */
const predecessor = z.strictObject({
  id: z.uuid(),
  publicKey: z.base64().length(44),
  at: z.iso.datetime(),
  signature: z.base64(),
});

/** The devices that one came after, each of which answers for the one after it; the last before it is the first. */
export const predecessors = z.array(predecessor).min(1).max(MAX_PREDECESSORS);

/** What tells that a device took the place of another, and of those before that. */
export type Predecessors = z.output<typeof predecessors>;

type DeviceKey = { readonly id: string; readonly publicKey: string };
type Succeeding = DeviceKey & { readonly succeeds?: Predecessors };

/**
 * Has a device answer for the one that takes its place. `sign`: with the key of `before`; `now`: ms since 1970. Of a long
 * line the oldest are let go.
 */
export function successionOf(
  vaultId: string,
  before: Succeeding,
  next: DeviceKey,
  { now, sign }: { readonly now: number; readonly sign: (message: Buffer) => Buffer },
): Predecessors {
  const at = new Date(now).toISOString();
  const { id, publicKey } = before;
  const signature = sign(succession(vaultId, { id, at }, next)).toString('base64');
  return [{ id, publicKey, at, signature }, ...(before.succeeds ?? [])].slice(0, MAX_PREDECESSORS);
}

/** Whether a device came after another: each that was between the two answers for the next. */
export function isSuccessor(vaultId: string, device: Succeeding, of: DeviceKey): boolean {
  let next: DeviceKey = device;
  for (const one of device.succeeds ?? []) {
    const key = Buffer.from(one.publicKey, 'base64');
    const signature = Buffer.from(one.signature, 'base64');
    if (key.length !== 32 || signature.length !== 64) return false;
    if (!verifyBytes(key, succession(vaultId, one, next), signature)) return false;
    if (one.id === of.id) return one.publicKey === of.publicKey;
    next = one;
  }
  return false;
}

function succession(
  vaultId: string,
  before: { readonly id: string; readonly at: string },
  next: DeviceKey,
): Buffer {
  const text = `keyward/1/device-after\0${vaultId}\0${before.id}\0${before.at}\0${next.id}\0`;
  return Buffer.concat([Buffer.from(text), Buffer.from(next.publicKey, 'base64')]);
}
