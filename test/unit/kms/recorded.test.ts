import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vectorsFolder } from '../../support/vectors.ts';
import { newKey, newVault, OWNER, refusal } from './support.ts';

describe('errors', () => {
  it('have the names and messages that were recorded from AWS KMS', async ({ skip }) => {
    const file = vectorsFolder('aws-kms-recorded-errors.json', skip);
    const recorded = JSON.parse(readFileSync(file, 'utf8')) as [string, string][];
    const vault = newVault();
    const { kms } = vault;
    const { id, arn } = await newKey(vault, 'alias/a');
    const off = await newKey(vault);
    await kms.DisableKey(OWNER, { KeyId: off.id });
    const full = await newKey(vault);
    for (let i = 0; i < 25; i++) await kms.RotateKeyOnDemand(OWNER, { KeyId: full.id });
    const { CiphertextBlob } = await kms.Encrypt(OWNER, { KeyId: id, Plaintext: Buffer.from('x') });
    const gone = '134f2428-cec1-4b25-a1ae-9048164dba47';
    const asked = [
      kms.Encrypt(OWNER, { KeyId: off.id, Plaintext: Buffer.from('x') }),
      kms.Decrypt(OWNER, { CiphertextBlob, KeyId: full.id }),
      kms.Decrypt(OWNER, { CiphertextBlob, EncryptionContext: { a: 'b' } }),
      kms.RotateKeyOnDemand(OWNER, { KeyId: full.id }),
      kms.DescribeKey(OWNER, { KeyId: '134f2428cec14b25a1ae9048164dba47' }),
      kms.DescribeKey(OWNER, { KeyId: 'fake-key-id' }),
      kms.DescribeKey(OWNER, { KeyId: 'mrk-fake-key-id' }),
      kms.DescribeKey(OWNER, { KeyId: gone }),
      kms.DescribeKey(OWNER, { KeyId: arn.replace(':local:', ':eu-west-1:') }),
      kms.GenerateDataKey(OWNER, { KeyId: id, NumberOfBytes: 0 }),
      kms.GenerateDataKey(OWNER, { KeyId: id, NumberOfBytes: 1_025 }),
      kms.CreateKey(OWNER, { KeySpec: 'HMAC_random' }),
      kms.CreateKey(OWNER, { KeyUsage: 'RANDOM' }),
      kms.Encrypt(OWNER, { KeyId: id, Plaintext: Buffer.alloc(4_097) }),
      kms.CreateAlias(OWNER, { AliasName: 'a', TargetKeyId: id }),
    ];
    const placeholders = [off.arn, full.arn, arn.replace(id, gone)];
    for (const { code, message } of await Promise.all(asked.map(refusal))) {
      let general = message.replace('eu-west-1', '<secondary-region>');
      for (const known of placeholders) general = general.replace(known, '<key-arn>');
      expect(recorded, `${code}: ${general}`).toContainEqual([code, general]);
    }
  });
});
