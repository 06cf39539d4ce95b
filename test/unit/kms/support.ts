import { AuditLog } from '../../../src/main/audit/log.ts';
import { KeyRows } from '../../../src/main/kms/keys/key-store.ts';
import { createKeyService, type KeyService } from '../../../src/main/kms/service.ts';
import type { Caller } from '../../../src/main/kms/types.ts';
import type { Store } from '../../../src/main/store/database.ts';
import type { Records } from '../../../src/main/store/records.ts';
import { isKeywardError } from '../../../src/shared/errors.ts';
import { freshStore, testClock, testKey, testRecords } from '../store/support.ts';

/** The vault of these tests. */
export const VAULT = { id: '5a1d7f6e-0f6c-4c49-9d0e-0c2f6f1f7a10', account: '000000000000', region: 'local' };

/** Whoever asks in these tests. */
export const OWNER: Caller = { principal: 'arn:aws:iam::000000000000:user/owner', client: 'window' };

/** A vault with an empty key service. */
export type TestVault = {
  readonly store: Store;
  readonly records: Records;
  readonly audit: AuditLog;
  readonly clock: ReturnType<typeof testClock>;
  readonly kms: KeyService;
  /** The setting "open files without audit"; off at first. */
  openWithoutAudit: boolean;
};

/** A new vault in a fresh folder; `id` in place of the usual one. */
export function newVault(id = VAULT.id): TestVault {
  const store = freshStore();
  const records = testRecords();
  const vault = { ...VAULT, id };
  const clock = testClock();
  const keys = { mac: testKey('audit-mac'), names: testKey('audit-names'), index: testKey('audit-index') };
  const audit = new AuditLog(store, records, keys, vault, clock);
  store.write((tx) => {
    records.create(tx);
    audit.create(tx);
  });
  const wrapKey = testKey('wrap');
  const kms = createKeyService({
    ...{ store, records, audit, wrapKey, vault, clock },
    openWithoutAudit: () => made.openWithoutAudit,
  });
  const made: TestVault = { store, records, audit, clock, kms, openWithoutAudit: false };
  return made;
}

/** Has users be there whose own policies allow nothing of KMS, without an entry in the log. Gives the vault. */
export function withUsers<V extends Pick<TestVault, 'store' | 'records'>>(vault: V, ...names: string[]): V {
  const Statement = { Effect: 'Allow', Action: 's3:*', Resource: '*' };
  const policy = JSON.stringify({ Version: '2012-10-17', Statement });
  const rows = new KeyRows(vault.records);
  vault.store.write((tx) => {
    for (const name of names) rows.putClient(tx, name, { accessKeyId: `KWIA-${name}`, policy, created: 0 });
  });
  return vault;
}

/** A new key; with `alias`, named so. */
export async function newKey({ kms }: TestVault, alias?: string): Promise<{ id: string; arn: string }> {
  const { KeyMetadata } =
    alias === undefined
      ? await kms.CreateKey(OWNER, {})
      : await kms.createNamedKey(OWNER, { AliasName: alias });
  return { id: KeyMetadata.KeyId, arn: KeyMetadata.Arn };
}

/** The id of the version that a key encrypts under. */
export async function versionOf({ kms }: Pick<TestVault, 'kms'>, KeyId: string): Promise<string> {
  return (await kms.DescribeKey(OWNER, { KeyId })).KeyMetadata.CurrentKeyMaterialId ?? '';
}

/** Code and message of what a promise is rejected with. */
export async function refusal(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await promise;
  } catch (error) {
    if (isKeywardError(error)) return { code: error.code, message: error.toBody().message };
    throw error;
  }
  return { code: 'none', message: 'nothing was thrown' };
}

/** The code alone. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await refusal(promise)).code;
}
