import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditLog } from '../src/main/audit/log.ts';
import type { NewClient } from '../src/main/kms/clients.ts';
import { KeyRows } from '../src/main/kms/keys/key-store.ts';
import { Materials } from '../src/main/kms/keys/material-wrapping.ts';
import { createKeyService, type KeyService } from '../src/main/kms/service.ts';
import type { Caller, KeyVault } from '../src/main/kms/types.ts';
import { Store } from '../src/main/store/database.ts';
import { Records } from '../src/main/store/records.ts';

const ACCOUNT = '000000000000';

/** The context that the client's policy asks for. */
export const CONTEXT = { customer: 'acme' };

/** A vault on the disk, with a key that has a policy of its own and a client that has one too. */
export type MeasuredVault = {
  readonly store: Store;
  readonly records: Records;
  /** The records as an unlock has them, with nothing in memory yet. */
  readonly freshRecords: () => Records;
  readonly kms: KeyService;
  readonly vault: KeyVault;
  readonly owner: Caller;
  readonly client: Caller;
  readonly access: NewClient;
  /** The key's ARN; its alias is `alias/measured`. */
  readonly KeyId: string;
  readonly end: () => void;
};

/** Makes it, with one key less than `keys`. */
export async function measuredVault(keys: number): Promise<MeasuredVault> {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-bench-kms-'));
  const store = Store.open(join(folder, 'vault.db'), 'create');
  const recordKeys = { row: randomBytes(32), set: randomBytes(32) };
  const freshRecords = () => new Records(recordKeys);
  const records = freshRecords();
  const vault = { id: '5a1d7f6e-0f6c-4c49-9d0e-0c2f6f1f7a10', account: ACCOUNT, region: 'local' };
  const clock = { now: () => Date.now() };
  const audit = new AuditLog(
    store,
    records,
    { mac: randomBytes(32), names: randomBytes(32), index: randomBytes(32) },
    vault,
    clock,
  );
  store.write((tx) => {
    records.create(tx);
    audit.create(tx);
  });
  const wrapKey = randomBytes(32);
  const deps = { store, records, audit, wrapKey, vault, clock, openWithoutAudit: () => false };
  const kms = createKeyService(deps);

  const owner: Caller = { principal: `arn:aws:iam::${ACCOUNT}:user/owner`, client: 'window' };
  const client: Caller = { principal: `arn:aws:iam::${ACCOUNT}:user/app`, client: 'sdk' };

  // Two more are made: the one that is measured, and one by measuring.
  fill({ records, wrapKey, vault }, store, keys - 2);
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' },
      {
        ...{ Sid: 'OnlyWithCustomer', Effect: 'Deny', Principal: '*', Action: 'kms:Decrypt', Resource: '*' },
        Condition: { Null: { 'kms:EncryptionContext:customer': 'true' } },
      },
    ],
  });
  const { KeyMetadata } = await kms.createNamedKey(owner, { AliasName: 'alias/measured', Policy });
  const KeyId = KeyMetadata.Arn;
  const own = {
    ...{ Effect: 'Allow', Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey'], Resource: KeyId },
    Condition: { StringEquals: { 'kms:EncryptionContext:customer': 'acme' } },
  };
  const access = kms.clients.create(owner, {
    name: 'app',
    policy: JSON.stringify({ Version: '2012-10-17', Statement: own }),
  });
  const end = () => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { store, records, freshRecords, kms, vault, owner, client, access, KeyId, end };
}

/** Keys that only stand there, written as `CreateKey` writes them, but all in one transaction. */
function fill(
  { records, wrapKey, vault }: { records: Records; wrapKey: Buffer; vault: KeyVault },
  store: Store,
  count: number,
): void {
  const [rows, materials] = [new KeyRows(records), new Materials(wrapKey, vault.id)];
  store.write((tx) => {
    for (let n = 0; n < count; n++) {
      const id = crypto.randomUUID();
      const versionId = materials.newVersionId();
      const key = {
        spec: 'SYMMETRIC_DEFAULT',
        usage: 'ENCRYPT_DECRYPT',
        origin: 'AWS_KMS',
        state: 'Enabled',
        description: '',
        created: Date.now(),
        current: versionId,
      } as const;
      rows.putKey(tx, id, key);
      rows.putVersion(tx, id, versionId, {
        created: key.created,
        rotation: null,
        wrapped: materials.wrap({ keyId: id, versionId, key }, randomBytes(32)),
      });
      rows.putAlias(tx, `alias/filler-${n}`, { target: id, created: key.created, updated: key.created });
    }
  });
}
