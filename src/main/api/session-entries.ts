import type { OwnerKind } from '../../shared/contract-basics.ts';
import { isKeywardError } from '../../shared/errors.ts';
import { type AuditEvent, ownEvent } from '../audit/event.ts';
import { checkpointAccount, type keepCheckpoint } from '../home/audit-checkpoint.ts';
import type { VaultIdentity } from '../store/identity.ts';
import { callerOf, type Services } from './services.ts';

/** Writes the entry of an unlock. On a full disk files may still be opened where the setting allows it, so it is held back there. */
export function recordUnlock({ audit, settings }: Services, event: AuditEvent): void {
  try {
    audit.write((tx) => audit.append(tx, event));
  } catch (error) {
    if (!isKeywardError(error, 'AuditUnwritable') || !settings()['open-files-without-audit']) throw error;
    audit.hold(event);
  }
}

/** Writes the entry of a lock and ends the audit segment; returns what the keychain is to keep of it, if anything. */
export function endLog(
  { audit, store }: Services,
  { identity, kind }: { readonly identity: VaultIdentity; readonly kind: OwnerKind },
): Parameters<typeof keepCheckpoint>[1] | undefined {
  try {
    const { principal } = callerOf(identity, kind === 'window' ? 'window' : 'cli');
    store.write((tx) => {
      audit.append(tx, ownEvent(principal, 'Lock', {}));
      audit.seal(tx);
    });
    const account = checkpointAccount(store, identity.id);
    return account === undefined
      ? undefined
      : { account, head: { ...audit.head(), log: audit.firstPublicKey().toString('hex') } };
  } catch {
    // A full or read-only disk must not keep the vault open; the segment goes on at the next unlock.
    return undefined;
  }
}
