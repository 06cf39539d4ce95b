/**
 * The key service by itself, over a vault on the disk, with policies and the log on: kms.child.ts KEYS SECONDS.
 * A client with a policy of its own calls, on a key with a policy of its own, 64 calls in flight. Prints
 * one JSON object: operations a second by name, and the milliseconds of an unlock's checks and of a page of keys.
 */
import { randomBytes } from 'node:crypto';
import { RecordCheck } from '../src/main/api/record-check.ts';
import { CONTEXT, measuredVault } from './kms-vault.ts';
import { perSecond } from './time.ts';

const IN_FLIGHT = 64;
const [keys = 100, seconds = 2] = process.argv.slice(2).map(Number);

const rate = (call: () => Promise<unknown>) => perSecond(call, IN_FLIGHT, seconds);

async function milliseconds(act: () => unknown): Promise<number> {
  const began = performance.now();
  await act();
  return Math.round(performance.now() - began);
}

const { store, freshRecords, kms, owner, client, KeyId, end } = await measuredVault(keys);
const EncryptionContext = CONTEXT;
const Plaintext = randomBytes(32);
const { CiphertextBlob } = await kms.Encrypt(client, { KeyId, Plaintext, EncryptionContext });
const unlocked = freshRecords();
const check = new RecordCheck(store, unlocked);
const answer = {
  Encrypt: await rate(() => kms.Encrypt(client, { KeyId, Plaintext, EncryptionContext })),
  Decrypt: await rate(() => kms.Decrypt(client, { CiphertextBlob, EncryptionContext })),
  GenerateDataKey: await rate(() =>
    kms.GenerateDataKey(client, { KeyId, KeySpec: 'AES_256', EncryptionContext }),
  ),
  'check of the records at unlock, ms': await milliseconds(() => {
    store.read((tx) => unlocked.open(tx));
    check.begin();
  }),
  'check of all other records behind the open vault, ms': await milliseconds(() => check.finish()),
  'DescribeKey by alias, ms': await milliseconds(() => kms.DescribeKey(owner, { KeyId: 'alias/measured' })),
  'CreateKey, ms': await milliseconds(() => kms.CreateKey(owner, {})),
  'a page of ListKeys, ms': await milliseconds(() => kms.ListKeys(owner, {})),
  'a page of ListAliases, ms': await milliseconds(() => kms.ListAliases(owner, {})),
  'the list of the window, ms': await milliseconds(() => kms.overviewOfAll(owner)),
};
console.log(JSON.stringify(answer));
end();
