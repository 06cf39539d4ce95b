import { describe, expect, it } from 'vitest';
import type { Caller } from '../../../src/main/kms/types.ts';
import { newVault, OWNER, refusal, type TestVault, versionOf } from './support.ts';

const ALIAS = 'alias/keyward/files';
const Plaintext = Buffer.from('x');
const YEAR = 365 * 86_400_000;

async function managed(): Promise<TestVault & { readonly id: string; readonly arn: string }> {
  const vault = newVault();
  await vault.kms.ensureManagedKey(OWNER, ALIAS);
  const { KeyId, Arn } = (await vault.kms.DescribeKey(OWNER, { KeyId: ALIAS })).KeyMetadata;
  return { ...vault, id: KeyId, arn: Arn };
}

describe('a managed key', () => {
  it('is made once, by the vault, and says whose it is', async () => {
    const { kms, audit, arn } = await managed();
    await kms.ensureManagedKey(OWNER, ALIAS);
    expect((await kms.ListKeys(OWNER, {})).Keys).toHaveLength(1);
    expect((await kms.DescribeKey(OWNER, { KeyId: ALIAS })).KeyMetadata).toMatchObject({
      KeyManager: 'AWS',
      KeyState: 'Enabled',
      Origin: 'AWS_KMS',
    });
    expect(audit.list({ eventName: 'CreateKey' })).toMatchObject([
      { principal: 'arn:aws:iam::000000000000:root', keyArns: [arn], eventType: 'KeywardEvent' },
    ]);
  });

  it('is made for what the vault has one for, and for nothing else', async () => {
    const { kms } = newVault();
    for (const alias of ['alias/keyward/other', 'alias/files', 'keyward/files', 'files']) {
      await kms.ensureManagedKey(OWNER, alias);
    }
    expect((await kms.ListKeys(OWNER, {})).Keys).toEqual([]);
  });

  it('is not made for whoever could not encrypt under it', async () => {
    const { kms } = newVault();
    const auditor: Caller = { principal: 'arn:aws:iam::000000000000:user/auditor', client: 'cli' };
    await kms.ensureManagedKey(auditor, ALIAS);
    expect((await kms.ListKeys(OWNER, {})).Keys).toEqual([]);
    await kms.ensureManagedKey(
      { ...auditor, principal: auditor.principal.replace('auditor', 'operator') },
      ALIAS,
    );
    expect((await kms.ListKeys(OWNER, {})).Keys).toHaveLength(1);
  });

  it('encrypts and decrypts, and rotates every year by itself', async () => {
    const { kms, clock, id } = await managed();
    const { CiphertextBlob } = await kms.Encrypt(OWNER, { KeyId: ALIAS, Plaintext });
    const before = await versionOf({ kms }, id);
    expect(await kms.GetKeyRotationStatus(OWNER, { KeyId: id })).toMatchObject({
      KeyRotationEnabled: true,
      RotationPeriodInDays: 365,
      NextRotationDate: new Date(clock.now() + YEAR),
    });
    clock.advance(YEAR);
    expect(kms.runUnlockMaintenance(OWNER, undefined).rotated).toEqual([id]);
    expect(await versionOf({ kms }, id)).not.toBe(before);
    expect((await kms.Decrypt(OWNER, { CiphertextBlob })).Plaintext).toEqual(Plaintext);
  });

  it('is not changed by anybody, and the refusal names the policy', async () => {
    const { kms, arn, id } = await managed();
    const key = { KeyId: id };
    const KeyMaterialId = await versionOf({ kms }, id);
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }],
    });
    const tried: { readonly [action: string]: Promise<unknown> } = {
      'kms:RotateKeyOnDemand': kms.RotateKeyOnDemand(OWNER, key),
      'kms:DisableKey': kms.DisableKey(OWNER, key),
      'kms:EnableKey': kms.EnableKey(OWNER, key),
      'kms:ScheduleKeyDeletion': kms.ScheduleKeyDeletion(OWNER, key),
      'kms:CancelKeyDeletion': kms.CancelKeyDeletion(OWNER, key),
      'kms:PutKeyPolicy': kms.PutKeyPolicy(OWNER, { ...key, Policy, BypassPolicyLockoutSafetyCheck: true }),
      'kms:EnableKeyRotation': kms.EnableKeyRotation(OWNER, key),
      'kms:DisableKeyRotation': kms.DisableKeyRotation(OWNER, key),
      'kms:UpdateKeyDescription': kms.UpdateKeyDescription(OWNER, { ...key, Description: 'd' }),
      'kms:TagResource': kms.TagResource(OWNER, { ...key, Tags: [{ TagKey: 'a', TagValue: 'b' }] }),
      'kms:UntagResource': kms.UntagResource(OWNER, { ...key, TagKeys: ['a'] }),
      'kms:CreateAlias': kms.CreateAlias(OWNER, { AliasName: 'alias/mine', TargetKeyId: id }),
      'keyward:DisableKeyVersion': kms.disableVersion(OWNER, { ...key, Version: KeyMaterialId }),
    };
    for (const [action, call] of Object.entries(tried)) {
      expect(await refusal(call), action).toEqual({
        code: 'AccessDeniedException',
        message: `User: ${OWNER.principal} is not authorized to perform: ${action} on resource: ${arn} with an explicit deny in a resource-based policy`,
      });
    }
  });

  it('keeps its alias, and no key of somebody’s gets one like it', async () => {
    const { kms, id } = await managed();
    const other = (await kms.CreateKey(OWNER, {})).KeyMetadata.KeyId;
    const tried = [
      kms.UpdateAlias(OWNER, { AliasName: ALIAS, TargetKeyId: other }),
      kms.DeleteAlias(OWNER, { AliasName: ALIAS }),
      kms.CreateAlias(OWNER, { AliasName: 'alias/keyward/mine', TargetKeyId: other }),
    ];
    for (const { code } of await Promise.all(tried.map(refusal)))
      expect(code).toBe('InvalidAliasNameException');
    await kms.CreateAlias(OWNER, { AliasName: 'alias/other', TargetKeyId: other });
    const moved = await refusal(kms.UpdateAlias(OWNER, { AliasName: 'alias/other', TargetKeyId: id }));
    expect(moved.code).toBe('AccessDeniedException');
  });
});
