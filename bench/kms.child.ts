/**
 * The key service by itself, over a vault on the disk, with policies and the log on: kms.child.ts KEYS SECONDS.
 * A client with a policy of its own calls, on a key with a policy of its own, 64 calls in flight. Prints
 * one JSON object: operations a second by name, and the milliseconds of an unlock's check and of a page of keys.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditLog } from '../src/main/audit/log.ts';
import { Materials } from '../src/main/kms/material.ts';
import { KeyRows } from '../src/main/kms/rows.ts';
import { KeyService } from '../src/main/kms/service.ts';
import type { Caller } from '../src/main/kms/types.ts';
import { Store } from '../src/main/store/database.ts';
import { Records } from '../src/main/store/records.ts';

const IN_FLIGHT = 64;
const ACCOUNT = '000000000000';
const [keys = 100, seconds = 2] = process.argv.slice(2).map(Number);

const folder = mkdtempSync(join(tmpdir(), 'keyward-bench-kms-'));
const store = Store.open(join(folder, 'vault.db'), 'create');
const records = new Records({ row: randomBytes(32), set: randomBytes(32) });
const vault = { id: '5a1d7f6e-0f6c-4c49-9d0e-0c2f6f1f7a10', account: ACCOUNT, region: 'local' };
const clock = { now: () => Date.now() };
const audit = new AuditLog(store, records, { mac: randomBytes(32), names: randomBytes(32) }, vault, clock);
store.write((tx) => {
  records.create(tx);
  audit.create(tx);
});
const wrapKey = randomBytes(32);
const deps = { store, records, audit, wrapKey, vault, clock, openWithoutAudit: () => false };
const kms = new KeyService(deps);

const owner: Caller = { principal: `arn:aws:iam::${ACCOUNT}:user/owner`, client: 'window' };
const client: Caller = { principal: `arn:aws:iam::${ACCOUNT}:user/app`, client: 'sdk' };

/** Keys that only stand there, written as `CreateKey` writes them, but all in one transaction. */
function fill(count: number): void {
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
        created: clock.now(),
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

/** How many calls a second end, with 64 under way at any time. */
async function rate(call: () => Promise<unknown>): Promise<number> {
  for (let n = 0; n < 200; n++) await call();
  const [began, end] = [performance.now(), performance.now() + seconds * 1_000];
  let done = 0;
  const line = async () => {
    while (performance.now() < end) {
      await call();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, line));
  return Math.round((done * 1_000) / (performance.now() - began));
}

async function milliseconds(act: () => unknown): Promise<number> {
  const began = performance.now();
  await act();
  return Math.round(performance.now() - began);
}

// Two more are made by the calls below.
fill(keys - 2);
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
kms.clients.create(owner, {
  name: 'app',
  policy: JSON.stringify({ Version: '2012-10-17', Statement: own }),
});
const EncryptionContext = { customer: 'acme' };
const Plaintext = randomBytes(32);
const { CiphertextBlob } = await kms.Encrypt(client, { KeyId, Plaintext, EncryptionContext });
const answer = {
  Encrypt: await rate(() => kms.Encrypt(client, { KeyId, Plaintext, EncryptionContext })),
  Decrypt: await rate(() => kms.Decrypt(client, { CiphertextBlob, EncryptionContext })),
  GenerateDataKey: await rate(() =>
    kms.GenerateDataKey(client, { KeyId, KeySpec: 'AES_256', EncryptionContext }),
  ),
  'check of all rows at unlock, ms': await milliseconds(() => store.read((tx) => records.verifyAll(tx))),
  'DescribeKey by alias, ms': await milliseconds(() => kms.DescribeKey(owner, { KeyId: 'alias/measured' })),
  'CreateKey, ms': await milliseconds(() => kms.CreateKey(owner, {})),
  'a page of ListKeys, ms': await milliseconds(() => kms.ListKeys(owner, {})),
  'a page of ListAliases, ms': await milliseconds(() => kms.ListAliases(owner, {})),
  'the list of the window, ms': await milliseconds(() => kms.overviewOfAll(owner)),
};
console.log(JSON.stringify(answer));
store.close();
rmSync(folder, { recursive: true, force: true });
