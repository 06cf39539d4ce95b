import { z } from 'zod';
import type { AuditVerdict } from '../../shared/audit-contract.ts';
import type { AuditLog } from '../audit/log.ts';
import type { Store } from '../store/database.ts';
import type { Keychain } from '../unlock/keychain.ts';
import { listProtectors } from '../unlock/protectors.ts';

const kept = z.object({
  seq: z.number().int().nonnegative(),
  hash: z.string(),
  /** Of which log, by its first public key: a vault that was restored has another one. */
  log: z.string().optional(),
});

/** A place in a log: an entry's number and hash. */
type Head = { readonly seq: number; readonly hash: string };

/**
 * Holds a log that is whole in itself against the head that the keychain kept at the last lock, where the vault
 * uses the keychain: a log, or a whole database, put back from an older copy is seen. A keychain that is away or
 * has nothing changes no verdict.
 */
export async function compareCheckpoint(
  store: Store,
  keychain: Keychain,
  vaultId: string,
  audit: AuditLog,
  verdict: AuditVerdict,
): Promise<AuditVerdict> {
  // Entries that don't hold are worse news than any other; an index that doesn't is no reason not to look.
  if (!verdict.ok && verdict.part === 'entries') return verdict;
  const head = await rememberedHead(store, keychain, vaultId, audit);
  if (head === undefined || audit.hashAt(head.seq) === head.hash) return verdict;
  const { seq } = audit.head();
  const why =
    head.seq > seq
      ? `the keychain remembers ${head.seq} entries, so an older copy of the vault was put back`
      : `entry ${head.seq} is not the one that the keychain remembers, so the log was rewritten or put back`;
  const firstBroken = Math.min(head.seq, seq + 1);
  return { ok: false, part: 'entries', entries: verdict.entries, firstBroken, why };
}

/**
 * The head that the keychain kept of this log at the last lock; `undefined` where the vault does not use the keychain, and
 * where that is away or has nothing.
 */
export async function rememberedHead(
  store: Store,
  keychain: Keychain,
  vaultId: string,
  audit: AuditLog,
): Promise<Head | undefined> {
  const account = checkpointAccount(store, vaultId);
  if (account === undefined) return undefined;
  const text = await keychain.get(account).catch(() => undefined);
  const head = text === undefined ? undefined : kept.safeParse(parsed(text)).data;
  const isOfOther = head?.log !== undefined && head.log !== audit.firstPublicKey().toString('hex');
  return head === undefined || isOfOther ? undefined : { seq: head.seq, hash: head.hash };
}

/** The keychain account that keeps the head of a vault's log; `undefined` for vaults that don't use the keychain. */
export function checkpointAccount(store: Store, vaultId: string): string | undefined {
  const used = store.read(listProtectors).some(({ kind }) => kind === 'keychain');
  return used ? `${vaultId}/audit-head` : undefined;
}

/**
 * Keeps where the audit log ended in the system's keychain, at lock: an older log put in place of this one is
 * seen against it. A keychain that is away keeps nothing, and one that does not answer is waited for no longer
 * than `limit` milliseconds; what it keeps later still is an older head of the same log, which is no harm.
 */
export async function keepCheckpoint(
  keychain: Keychain,
  checkpoint: { readonly account: string; readonly head: Head & { readonly log: string } },
  limit = 10_000,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limit);
  keychain.set(checkpoint.account, JSON.stringify(checkpoint.head)).then(resolve, () => resolve());
  await promise;
  clearTimeout(timer);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
