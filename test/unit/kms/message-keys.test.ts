import { describe, expect, it } from 'vitest';
import { KeyRows } from '../../../src/main/kms/keys/key-store.ts';
import { newKey, newVault, OWNER } from './support.ts';

const MAX = 2 ** 31;

function use({ kms }: ReturnType<typeof newVault>, KeyId: string) {
  return kms.generateMessageKey(OWNER, { KeyId, EncryptionContext: {}, wrap: ({ name }) => name });
}

describe('the data keys of AWS messages', () => {
  it('are counted for each version', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    const { KeyMaterialId } = use(vault, id);
    use(vault, id);
    const rows = new KeyRows(vault.records);
    expect(vault.store.read((tx) => rows.messageUses(tx, id, KeyMaterialId))).toBe(2);
  });

  it('rotate a version that has had 2^31 of them, with an entry in the log', async () => {
    const vault = newVault();
    const { id, arn } = await newKey(vault);
    const first = use(vault, id).KeyMaterialId;
    const rows = new KeyRows(vault.records);
    vault.store.write((tx) => rows.putMessageUses(tx, id, first, MAX - 1));
    expect(use(vault, id).KeyMaterialId).toBe(first);
    const next = use(vault, id);
    expect(next.KeyMaterialId).not.toBe(first);
    expect(next.wrapped).toBe(`${id}/${next.KeyMaterialId}`);
    expect(vault.store.read((tx) => rows.messageUses(tx, id, next.KeyMaterialId))).toBe(1);
    expect(use(vault, id).KeyMaterialId).toBe(next.KeyMaterialId);
    const { Rotations } = await vault.kms.ListKeyRotations(OWNER, { KeyId: id });
    expect(Rotations).toMatchObject([{ KeyMaterialId: next.KeyMaterialId, RotationType: 'AUTOMATIC' }]);
    const entries = vault.audit.list({ limit: 20 }).filter(({ eventName }) => eventName === 'RotateKey');
    expect(entries).toMatchObject([
      { keyArns: [arn], responseElements: { keyMaterialId: next.KeyMaterialId } },
    ]);
  });

  it('are refused by their context also where a slot could not carry it', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    const all = { Principal: '*', Resource: '*' };
    const secret = { StringEquals: { 'kms:EncryptionContext:secret': 'yes' } };
    const Statement = [
      { Effect: 'Allow', Action: 'kms:*', ...all },
      { Effect: 'Deny', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], ...all, Condition: secret },
    ];
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await vault.kms.PutKeyPolicy(OWNER, { KeyId: id, Policy });
    const EncryptionContext = { secret: 'yes', long: 'x'.repeat(9_000) };
    expect(() =>
      vault.kms.generateMessageKey(OWNER, { KeyId: id, EncryptionContext, wrap: ({ name }) => name }),
    ).toThrow(/not authorized/);
    const { KeyMaterialId } = use(vault, id);
    const unwrap = () => Buffer.alloc(32);
    const input = { KeyId: id, KeyMaterialId, EncryptionContext, unwrap };
    await expect(vault.kms.openMessageKey(OWNER, input)).rejects.toThrow(/not authorized/);
  });

  it('do not rotate a disabled key', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    const first = use(vault, id).KeyMaterialId;
    const rows = new KeyRows(vault.records);
    vault.store.write((tx) => rows.putMessageUses(tx, id, first, MAX));
    await vault.kms.DisableKey(OWNER, { KeyId: id });
    expect(() => use(vault, id)).toThrow(/is disabled/);
    expect(vault.store.read((tx) => rows.versions(tx, id))).toHaveLength(1);
  });
});
