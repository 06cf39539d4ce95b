import { z } from 'zod';
import { sha256 } from '../crypto/hash.ts';
import { verifyBytes } from '../crypto/sign.ts';
import { type AuditEvent, eventText, ownEvent, type StoredEvent } from './event.ts';

/** The name of the entry that says that what follows could not be written when it happened. */
export const GAP = 'AuditGap';

const parameters = z.object({
  entries: z.number().int(),
  from: z.string(),
  until: z.string(),
  digest: z.string(),
  signature: z.string(),
});

/** What a gap's signature covers: where it stands, and every entry that was held back in memory. */
function signedBytes(vaultId: string, before: Buffer, entries: number, digest: string): Buffer {
  return Buffer.concat([
    Buffer.from(`keyward/1/audit-gap${vaultId}`),
    before,
    Buffer.from(`${entries}/${digest}`),
  ]);
}

/** The gap entry for entries that were held back; `sign` uses the open segment's key, `before` is the head. */
export function gapEvent(
  held: readonly StoredEvent[],
  facts: { vaultId: string; before: Buffer; principal: string; until: string },
  sign: (message: Buffer) => Buffer,
): AuditEvent {
  const digest = sha256(...held.map((event) => Buffer.from(eventText(event)))).toString('hex');
  const message = signedBytes(facts.vaultId, facts.before, held.length, digest);
  return ownEvent(facts.principal, GAP, {
    entries: held.length,
    from: held[0]?.eventTime ?? facts.until,
    until: facts.until,
    digest,
    signature: sign(message).toString('base64'),
  });
}

/**
 * How many entries a gap entry announces and the SHA-256 over their bytes; `undefined` if its signature does not
 * hold under the segment's public key.
 */
export function checkGap(
  event: StoredEvent,
  facts: { vaultId: string; before: Buffer; publicKey: Buffer },
): { entries: number; digest: string } | undefined {
  const { data } = parameters.safeParse(event.requestParameters);
  if (data === undefined) return undefined;
  const message = signedBytes(facts.vaultId, facts.before, data.entries, data.digest);
  const holds = verifyBytes(facts.publicKey, message, Buffer.from(data.signature, 'base64'));
  return holds ? { entries: data.entries, digest: data.digest } : undefined;
}
