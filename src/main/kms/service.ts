import type { RefusedOperation } from '../../shared/kms-operations.ts';
import { requireAction } from './access/require.ts';
import { Clients } from './clients.ts';
import { type Core, knownKey, lookUpKey } from './core.ts';
import { coreOf, type KeyServiceDeps } from './create-core.ts';
import { type CreateNamedKeyInput, createNamedKey } from './operations/create-named-key.ts';
import { type ExplainInput, explainAccess } from './operations/explain-access.ts';
import { exportDataKey, exportMaterial } from './operations/export-key.ts';
import { firstAlias, overview, overviewIn, overviewOfAll } from './operations/key-overview.ts';
import { runMaintenance } from './operations/maintenance.ts';
import { ensureManagedKey, ensureServiceKey, featureOf } from './operations/managed-keys.ts';
import { generateMessageKey, openMessageKey } from './operations/message-data-key.ts';
import { type ResetKeyPolicyInput, resetKeyPolicy } from './operations/policy.ts';
import { previewKeyPolicy } from './operations/policy-preview.ts';
import { rewrapDataKey } from './operations/rewrap-data-key.ts';
import { bindOperations } from './operations/table.ts';
import { replaceTags, type TagResourceInput } from './operations/tag.ts';
import { refuseOperation } from './operations/unsupported.ts';
import { type KeyVersionInput, setVersionState } from './operations/version.ts';
import type * as T from './types.ts';

/**
 * The key-management service: AWS KMS's operations, fields, limits and errors over the vault's own keys, and what
 * Keyward has beside them. A call resolves once its change and its audit entry are durable; denials are logged as
 * well. Every call may throw `VaultDamaged`, naming a row that was edited, and `AuditUnwritable`; `Decrypt` goes on
 * without the log where `openWithoutAudit` says so, and so does whatever only looks at keys.
 */
export type KeyService = ReturnType<typeof createKeyService>;

/** Puts the service of one unlocked vault together. */
export function createKeyService(deps: KeyServiceDeps) {
  const core = coreOf(deps);
  return {
    ...bindOperations(core),
    ...ownOperations(core),
    /** Who may use the endpoint. */
    clients: new Clients(core, deps.store, deps.wrapKey),
  };
}

/** What AWS has no operation for. */
function ownOperations(core: Core) {
  return {
    /** Refuses, with the reason, an operation of AWS KMS that this vault does not have. */
    refuse: async (caller: T.Caller, operation: RefusedOperation): Promise<never> =>
      refuseOperation(core, caller, operation),

    /** Gives a key just these tags, or none of the change: see `replaceTags`. */
    replaceTags: async (caller: T.Caller, input: TagResourceInput): Promise<{ KeyId: string }> => ({
      KeyId: replaceTags(core, caller, input),
    }),

    /** `CreateKey`, `CreateAlias` and `EnableKeyRotation`, all or nothing: see `createNamedKey`. */
    createNamedKey: async (caller: T.Caller, input: CreateNamedKeyInput) =>
      createNamedKey(core, caller, input),

    /** Makes the managed key of this alias, if it is one's and there is none yet: see `ensureManagedKey`. */
    ensureManagedKey: async (caller: T.Caller, alias: string): Promise<void> => {
      const feature = featureOf(alias);
      if (feature !== undefined) await ensureManagedKey(core, caller, feature);
    },

    /** Makes the key that AWS manages for a service, if that is what a call names: see `ensureServiceKey`. */
    ensureServiceKey: async (caller: T.Caller, reference: string, action: string): Promise<void> =>
      ensureServiceKey(core, caller, reference, action),

    /** Revokes one version of a key: nothing that was encrypted under it opens any more. */
    disableVersion: async (caller: T.Caller, input: KeyVersionInput) =>
      setVersionState(core, caller, input, 'Disabled'),

    /** Takes that back. */
    enableVersion: async (caller: T.Caller, input: KeyVersionInput) =>
      setVersionState(core, caller, input, 'Enabled'),

    /** At an unlock: rotates what is overdue and shreds what may be (see `runMaintenance`). */
    runUnlockMaintenance: (caller: T.Caller, newest: number | undefined) =>
      runMaintenance(core, caller, { newest }),

    /** While the vault is open: rotates what is overdue, and shreds nothing (see `runMaintenance`). */
    runPeriodicMaintenance: (caller: T.Caller) => runMaintenance(core, caller),

    /** Moves a file's data key to another key or to the newest version, and has its new header made. */
    rewrapDataKey: async <R>(caller: T.Caller, input: T.RewrapInput<R>): Promise<T.RewrapOutput<R>> =>
      rewrapDataKey(core, caller, input),

    /** Gives a version's material out of the vault, or what AWS messages need of it, and marks it for good. */
    exportMaterial: async (caller: T.Caller, input: T.ExportInput): Promise<T.ExportOutput> =>
      exportMaterial(core, caller, input),

    /** Gives the data key of one file out of the vault. */
    exportDataKey: (caller: T.Caller, input: T.ExportDataKeyInput): T.ExportOutput =>
      exportDataKey(core, caller, input),

    /** A data key for an AWS message: see `generateMessageKey`. */
    generateMessageKey: <R>(caller: T.Caller, input: T.MessageKeyInput<R>): T.MessageKey<R> =>
      generateMessageKey(core, caller, input),

    /** The data key of an AWS message: see `openMessageKey`. */
    openMessageKey: async (caller: T.Caller, input: T.OpenMessageKeyInput): Promise<Buffer | undefined> =>
      openMessageKey(core, caller, input),

    /** What another policy would take from the caller; nothing is done: see `previewKeyPolicy`. */
    previewKeyPolicy: (caller: T.Caller, input: T.KeyIdInput & { readonly Policy: string }) =>
      previewKeyPolicy(core, caller, input),

    /** Forgets what is kept in memory of rows, which were just changed past this: a backup was merged. */
    forgetRows: (): void => {
      core.rows.forget();
      core.grants.forget();
    },

    /** Puts the default policy back: see `resetKeyPolicy`. */
    resetKeyPolicy: (caller: T.Caller, input: ResetKeyPolicyInput): string =>
      resetKeyPolicy(core, caller, input),

    /** Asks whether somebody may do what no key is asked about; a refusal is logged. Throws `AccessDeniedException`. */
    require: (caller: T.Caller, action: `keyward:${string}`): void => requireAction(core, caller, action),

    /** Whether a principal may do something with a key, and why: see `explainAccess`. */
    explain: async (caller: T.Caller, input: ExplainInput) => explainAccess(core, caller, input),

    /** All keys with aliases and versions, oldest key first; logged as one `ListKeys`. */
    overviewOfAll: async (caller: T.Caller): Promise<T.KeyOverview[]> => overviewOfAll(core, caller),

    /** One key with aliases and versions; logged as `DescribeKey`. */
    overview: async (caller: T.Caller, input: T.KeyIdInput): Promise<T.KeyOverview> =>
      overview(core, caller, input),

    /** The first alias of a key; `undefined` if it has none, or is not there any more. */
    nameOf: (arn: string): string | undefined => core.journal.look((tx) => firstAlias(core, tx, arn)),

    /**
     * One key with aliases and versions, without an entry in the log: for the answer to an operation that has an
     * entry, and for names beside what is shown anyway.
     */
    look: (reference: string): T.KeyOverview =>
      core.journal.look((tx) => overviewIn(core, tx, lookUpKey(core, tx, reference).key)),

    /** Whether the vault has a key of that name, in whatever state, without an entry in the log. */
    has: (reference: string): boolean =>
      core.journal.look((tx) => knownKey(core, tx, reference) !== undefined),

    /** Whether the vault has this version of the key of that id, in whatever state, without an entry in the log. */
    hasVersion: (keyId: string, versionId: string): boolean =>
      core.journal.look((tx) => core.rows.version(tx, keyId, versionId) !== undefined),
  };
}
