import { z } from 'zod';
import type { AuditVerdict } from '../../shared/contract.ts';
import type { AuditLog } from '../audit/log.ts';
import type { Store } from '../store/database.ts';
import type { Keychain } from '../unlock/keychain.ts';
import { listProtectors } from '../unlock/protectors.ts';

const kept = z.object({ seq: z.number().int().nonnegative(), hash: z.string() });

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
  if (!verdict.ok || !usesKeychain(store)) return verdict;
  const text = await keychain.get(accountOf(vaultId)).catch(() => undefined);
  if (text === undefined) return verdict;
  const head = kept.safeParse(parsed(text)).data;
  if (head === undefined || audit.hashAt(head.seq) === head.hash) return verdict;
  const why =
    head.seq > verdict.head.seq
      ? `the keychain remembers ${head.seq} entries, so an older copy of the vault was put back`
      : `entry ${head.seq} is not the one that the keychain remembers, so the log was rewritten or put back`;
  return { ok: false, entries: verdict.entries, firstBroken: Math.min(head.seq, verdict.head.seq + 1), why };
}

/**
 * Keeps where the audit log ended in the system's keychain, at lock, for vaults that use it: an older log put
 * in place of this one is seen against it (keys-and-recovery 11). A keychain that is away keeps nothing.
 */
export async function keepCheckpoint(
  store: Store,
  keychain: Keychain,
  vaultId: string,
  head: { readonly seq: number; readonly hash: string },
): Promise<void> {
  if (!usesKeychain(store)) return;
  await keychain.set(accountOf(vaultId), JSON.stringify(head)).catch(() => undefined);
}

function usesKeychain(store: Store): boolean {
  return store.read(listProtectors).some(({ kind }) => kind === 'keychain');
}

function accountOf(vaultId: string): string {
  return `${vaultId}/audit-head`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
