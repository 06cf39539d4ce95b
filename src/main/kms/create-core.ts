import type { Clock } from '../../shared/clock.ts';
import type { AuditLog } from '../audit/log.ts';
import type { Store } from '../store/database.ts';
import type { Records } from '../store/records.ts';
import { Authorizer } from './access/authorizer.ts';
import { GrantRows } from './access/grant-rows.ts';
import { GrantTokens } from './access/grant-tokens.ts';
import { PolicyRows } from './access/policy-rows.ts';
import type { Core } from './core.ts';
import { Journal } from './journal.ts';
import { Expiry } from './keys/expiry.ts';
import { ImportTokens } from './keys/import-token.ts';
import { KeyRows } from './keys/key-store.ts';
import { MaterialPrints } from './keys/material-prints.ts';
import { Materials } from './keys/material-wrapping.ts';
import { deleteExpired } from './operations/expire-material.ts';
import { Pages } from './pagination.ts';
import type { KeyVault } from './types.ts';

/**
 * What the key service stands on. `wrapKey`: 32 bytes derived from the root key; it stays the caller's, who wipes
 * it at lock. `openWithoutAudit`: the setting "open files without audit", asked for each time it matters.
 */
export type KeyServiceDeps = {
  readonly store: Store;
  readonly records: Records;
  readonly audit: AuditLog;
  readonly wrapKey: Buffer;
  readonly vault: KeyVault;
  readonly clock: Clock;
  readonly openWithoutAudit: () => boolean;
};

/** Puts together what every operation stands on. The vault counts as unlocked from now on. */
export function coreOf(deps: KeyServiceDeps): Core {
  const { vault, records, clock, wrapKey } = deps;
  const rows = new KeyRows(records);
  const policies = new PolicyRows(records, vault.account);
  const grants = new GrantRows(records);
  const tokens = new GrantTokens(wrapKey);
  const core = {
    ...{ vault, rows, policies, grants, tokens, clock },
    access: new Authorizer({ vault, rows, policies, grants, tokens, clock, unlockedAt: clock.now() }),
    materials: new Materials(wrapKey, vault.id),
    prints: new MaterialPrints(records, wrapKey),
    journal: new Journal(deps.store, deps.audit, deps.openWithoutAudit),
    pages: new Pages(wrapKey),
    importTokens: new ImportTokens(wrapKey),
    expiry: new Expiry(clock),
  };
  core.journal.follow(() => deleteExpired(core));
  return core;
}
