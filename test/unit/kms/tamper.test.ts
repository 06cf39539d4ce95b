import { describe, expect, it } from 'vitest';
import { tamper } from '../store/support.ts';
import { newKey, newVault, OWNER, refusal, type TestVault, versionOf } from './support.ts';

async function prepared() {
  const vault = newVault();
  const { id } = await newKey(vault, 'alias/a');
  const { CiphertextBlob } = await vault.kms.Encrypt(OWNER, {
    KeyId: id,
    Plaintext: Buffer.from('x'),
  });
  const KeyMaterialId = await versionOf(vault, id);
  await vault.kms.DisableKey(OWNER, { KeyId: id });
  const rows = { keys: id, 'key-versions': `${id}/${KeyMaterialId}`, aliases: 'alias/a' } as const;
  const use = {
    keys: () => vault.kms.Decrypt(OWNER, { CiphertextBlob }),
    'key-versions': () => vault.kms.overview(OWNER, { KeyId: id }),
    aliases: () => vault.kms.DescribeKey(OWNER, { KeyId: 'alias/a' }),
  };
  return { vault, id, KeyMaterialId, CiphertextBlob, rows, use };
}

function bodyOf(vault: TestVault, room: string, id: string): string {
  const row = vault.store.read((tx) =>
    tx.get<{ body: Buffer }>('SELECT body FROM records WHERE room = ? AND id = ?', room, id),
  );
  return row?.body.toString() ?? '';
}

describe('edited rows', () => {
  it.each([
    ['keys', '"state":"Disabled"', '"state":"Enabled"'],
    ['keys', '"created":1', '"created":2'],
    ['keys', '"description":""', '"description":"x"'],
    ['key-versions', '"rotation":null', '"rotation":"ON_DEMAND"'],
    ['key-versions', '"wrapped":"', '"wrapped":"AA'],
    ['aliases', '"updated":1', '"updated":2'],
  ] as const)('in %s, %s to %s, are refused by name, and the refusal is logged', async (room, from, to) => {
    const { vault, rows, use } = await prepared();
    const body = bodyOf(vault, room, rows[room]);
    expect(body).toContain(from);
    const edited = Buffer.from(body.replace(from, to));
    tamper(
      vault.store.path,
      'UPDATE records SET body = ? WHERE room = ? AND id = ?',
      edited,
      room,
      rows[room],
    );
    const { code, message } = await refusal(use[room]());
    expect(code).toBe('VaultDamaged');
    expect(message).toContain(`${room}/${rows[room]}`);
    expect(vault.audit.list({ limit: 1 })[0]).toMatchObject({ errorCode: 'VaultDamaged' });
  });

  it('with another row’s contents and MAC are refused as well', async () => {
    const { vault, rows, use } = await prepared();
    const other = await newKey(vault);
    tamper(
      vault.store.path,
      "UPDATE records SET (body, mac) = (SELECT body, mac FROM records WHERE room = 'keys' AND id = ?) WHERE room = 'keys' AND id = ?",
      other.id,
      rows.keys,
    );
    expect(await refusal(use.keys())).toMatchObject({ code: 'VaultDamaged' });
  });

  it('put back in an older state are refused, while the vault is open too', async () => {
    const { vault, id } = await prepared();
    const row = () =>
      vault.store.read((tx) =>
        tx.get<{ body: Buffer; mac: Buffer }>(
          "SELECT body, mac FROM records WHERE room = 'keys' AND id = ?",
          id,
        ),
      );
    await vault.kms.EnableKey(OWNER, { KeyId: id });
    const enabled = row();
    await vault.kms.DisableKey(OWNER, { KeyId: id });
    tamper(
      vault.store.path,
      "UPDATE records SET body = ?, mac = ? WHERE room = 'keys' AND id = ?",
      enabled?.body ?? null,
      enabled?.mac ?? null,
      id,
    );
    // The row itself is authentic; it is not the newest.
    const { code, message } = await refusal(
      vault.kms.Encrypt(OWNER, { KeyId: id, Plaintext: Buffer.from('x') }),
    );
    expect(code).toBe('VaultDamaged');
    expect(message).toContain(`keys/${id} is an old one put back`);
    expect(() => vault.store.read((tx) => vault.records.verifyAll(tx))).toThrow(
      expect.objectContaining({ reason: 'row-damaged', params: expect.objectContaining({ what: 'old' }) }),
    );
  });

  it('can’t move material to another version, key or purpose even with the row MACs made anew', async () => {
    const { vault, id, KeyMaterialId } = await prepared();
    await vault.kms.EnableKey(OWNER, { KeyId: id });
    await vault.kms.RotateKeyOnDemand(OWNER, { KeyId: id });
    const { KeyMetadata } = await vault.kms.DescribeKey(OWNER, { KeyId: id });
    const first = JSON.parse(bodyOf(vault, 'key-versions', `${id}/${KeyMaterialId}`));
    const target = `${id}/${KeyMetadata.CurrentKeyMaterialId}`;
    const current = JSON.parse(bodyOf(vault, 'key-versions', target));
    vault.store.write((tx) =>
      vault.records.put(tx, 'key-versions', target, { ...current, wrapped: first.wrapped }),
    );
    const { code, message } = await refusal(
      vault.kms.GenerateDataKey(OWNER, { KeyId: id, KeySpec: 'AES_256' }),
    );
    expect(code).toBe('VaultDamaged');
    expect(message).toContain(`key-versions/${target}`);
  });

  it('can’t be opened by another vault with the same root key', async () => {
    const { vault, id, KeyMaterialId } = await prepared();
    const other = newVault('0e3f6b7a-9d1c-4f5e-8a2b-6c7d8e9f0a1b');
    const key = JSON.parse(bodyOf(vault, 'keys', id));
    const version = JSON.parse(bodyOf(vault, 'key-versions', `${id}/${KeyMaterialId}`));
    other.store.write((tx) => {
      other.records.put(tx, 'keys', id, { ...key, state: 'Enabled' });
      other.records.put(tx, 'key-versions', `${id}/${KeyMaterialId}`, version);
    });
    expect(await refusal(other.kms.GenerateDataKey(OWNER, { KeyId: id, KeySpec: 'AES_256' }))).toMatchObject({
      code: 'VaultDamaged',
    });
  });
});
