import { describe, expect, it } from 'vitest';
import { dispatch } from '../../../src/main/kms/dispatch.ts';
import type { Caller } from '../../../src/main/kms/types.ts';
import type { Json } from '../../../src/shared/errors.ts';
import type { KmsOperation } from '../../../src/shared/kms-operations.ts';
import { codeOf, newKey, newVault, OWNER, type TestVault, withUsers } from './support.ts';

const asked = (vault: TestVault, operation: KmsOperation, input: { [field: string]: Json }, caller = OWNER) =>
  dispatch(vault.kms, caller, operation, input);

const ALIAS = 'alias/aws/s3';
const Plaintext = Buffer.from('x').toString('base64');

describe('the key that AWS manages for one of its services', () => {
  it('is made when it is first described, by name or ARN, and is the same from then on', async () => {
    const vault = newVault();
    expect((await asked(vault, 'ListAliases', {}))['Aliases']).toEqual([]);
    const { KeyMetadata } = (await asked(vault, 'DescribeKey', { KeyId: ALIAS })) as {
      KeyMetadata: { [field: string]: Json };
    };
    expect(KeyMetadata).toMatchObject({
      ...{ KeyManager: 'AWS', KeyState: 'Enabled', Origin: 'AWS_KMS', KeySpec: 'SYMMETRIC_DEFAULT' },
      ...{ KeyUsage: 'ENCRYPT_DECRYPT', Enabled: true },
    });
    const arn = `arn:aws:kms:local:000000000000:${ALIAS}`;
    expect(await asked(vault, 'DescribeKey', { KeyId: arn })).toEqual({ KeyMetadata });
    const other = await asked(vault, 'DescribeKey', { KeyId: arn.replace('/s3', '/ebs') });
    expect(other['KeyMetadata']).not.toMatchObject({ KeyId: KeyMetadata['KeyId'] });
    expect((await asked(vault, 'ListAliases', {}))['Aliases']).toMatchObject([
      { AliasName: 'alias/aws/ebs' },
      { AliasName: ALIAS, TargetKeyId: KeyMetadata['KeyId'] },
    ]);
    expect(await asked(vault, 'GetKeyRotationStatus', { KeyId: ALIAS })).toMatchObject({
      ...{ KeyRotationEnabled: true, RotationPeriodInDays: 365 },
    });
    for (const operation of ['GetKeyPolicy', 'ListGrants', 'ListResourceTags', 'ListKeyPolicies'] as const) {
      await asked(vault, operation, { KeyId: ALIAS });
    }
  });

  it('is denied to whoever would use or change it directly, also where that is the first thing they do', async () => {
    const vault = withUsers(newVault(), 'clerk');
    const key = { KeyId: ALIAS };
    const { arn } = await newKey(vault);
    const { CiphertextBlob } = await vault.kms.Encrypt(OWNER, { KeyId: arn, Plaintext: Buffer.from('x') });
    const blob = CiphertextBlob.toString('base64');
    const denied: readonly (readonly [KmsOperation, { [field: string]: Json }])[] = [
      ['Encrypt', { ...key, Plaintext }],
      ['GenerateDataKey', { ...key, KeySpec: 'AES_256' }],
      ['GenerateDataKeyWithoutPlaintext', { ...key, KeySpec: 'AES_256' }],
      ['GenerateDataKeyPair', { ...key, KeyPairSpec: 'ECC_NIST_P256' }],
      ['Decrypt', { ...key, CiphertextBlob: blob }],
      ['ReEncrypt', { CiphertextBlob: blob, DestinationKeyId: ALIAS }],
      [
        'CreateGrant',
        { ...key, GranteePrincipal: 'arn:aws:iam::000000000000:user/clerk', Operations: ['Encrypt'] },
      ],
      ['ScheduleKeyDeletion', key],
      ['DisableKey', key],
      ['RotateKeyOnDemand', key],
      ['PutKeyPolicy', { ...key, Policy: '{}' }],
      ['TagResource', { ...key, Tags: [] }],
      ['UpdateKeyDescription', { ...key, Description: '' }],
    ];
    for (const [operation, input] of denied) {
      expect(await codeOf(asked(vault, operation, input)), operation).toBe('AccessDeniedException');
    }
    const alias = { AliasName: 'alias/aws/s3', TargetKeyId: arn };
    expect(await codeOf(asked(vault, 'CreateAlias', alias))).toBe('InvalidAliasNameException');
  });

  it('is made for no other name, and for nobody who may not look at keys', async () => {
    const vault = withUsers(newVault(), 'clerk');
    const clerk: Caller = { principal: 'arn:aws:iam::000000000000:user/clerk', client: 'sdk' };
    for (const KeyId of ['alias/aws/nothing', 'alias/aws', 'alias/aws/', 'alias/AWS/s3', 'alias/aws/s3/x']) {
      expect(await codeOf(asked(vault, 'DescribeKey', { KeyId })), KeyId).toBe('NotFoundException');
    }
    expect(await codeOf(asked(vault, 'DescribeKey', { KeyId: ALIAS }, clerk))).toBe('NotFoundException');
    expect((await asked(vault, 'ListKeys', {}))['Keys']).toEqual([]);
  });
});
