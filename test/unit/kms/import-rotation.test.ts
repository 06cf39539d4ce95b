import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DAY, importInto, newExternalKey, parametersFor, wrapFor } from './import-support.ts';
import { newVault, OWNER, refusal, type TestVault, versionOf } from './support.ts';

const Plaintext = Buffer.from('x');
const NEW = { ImportType: 'NEW_KEY_MATERIAL' };

async function materialsOf({ kms }: TestVault, KeyId: string) {
  const { Rotations } = await kms.ListKeyRotations(OWNER, { KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' });
  return Rotations;
}

async function stateOf({ kms }: TestVault, KeyId: string) {
  return (await kms.DescribeKey(OWNER, { KeyId })).KeyMetadata.KeyState;
}

function events({ audit }: TestVault): string[] {
  return audit.list({ limit: 1_000 }).map(({ eventName }) => eventName);
}

describe('rotation of a key whose material is imported', () => {
  it('takes the material that waits; both versions decrypt', async () => {
    const vault = newVault();
    const { id } = await newExternalKey(vault);
    const first = (await importInto(vault, id, randomBytes(32))).KeyMaterialId;
    const one = await vault.kms.Encrypt(OWNER, { KeyId: id, Plaintext });
    vault.clock.advance(1_000);
    const second = (await importInto(vault, id, randomBytes(32), NEW)).KeyMaterialId;
    expect(await materialsOf(vault, id)).toMatchObject([
      { KeyMaterialId: first, KeyMaterialState: 'CURRENT', ImportState: 'IMPORTED' },
      { KeyMaterialId: second, KeyMaterialState: 'PENDING_ROTATION', ImportState: 'IMPORTED' },
    ]);
    expect((await vault.kms.ListKeyRotations(OWNER, { KeyId: id })).Rotations).toEqual([]);
    expect(await versionOf(vault, id)).toBe(first);
    vault.clock.advance(1_000);
    await vault.kms.RotateKeyOnDemand(OWNER, { KeyId: id });
    const two = await vault.kms.Encrypt(OWNER, { KeyId: id, Plaintext });
    expect((await vault.kms.Decrypt(OWNER, two)).KeyMaterialId).toBe(second);
    for (const { CiphertextBlob } of [one, two]) {
      expect((await vault.kms.Decrypt(OWNER, { CiphertextBlob })).Plaintext).toEqual(Plaintext);
    }
    expect((await vault.kms.ListKeyRotations(OWNER, { KeyId: id })).Rotations).toMatchObject([
      {
        KeyMaterialId: second,
        KeyMaterialState: 'CURRENT',
        RotationType: 'ON_DEMAND',
        RotationDate: new Date(vault.clock.now()),
      },
    ]);
  });

  it('is refused while none waits, and by itself always', async () => {
    const vault = newVault();
    const { id, arn } = await newExternalKey(vault);
    await importInto(vault, id, randomBytes(32));
    expect(await refusal(vault.kms.RotateKeyOnDemand(OWNER, { KeyId: id }))).toEqual({
      code: 'KMSInvalidStateException',
      message: `No available key material pending rotation for the key: ${arn}.`,
    });
    const origin = {
      code: 'UnsupportedOperationException',
      message: `${arn} origin is EXTERNAL which is not valid for this operation.`,
    };
    expect(await refusal(vault.kms.EnableKeyRotation(OWNER, { KeyId: id }))).toEqual(origin);
    expect(await refusal(vault.kms.DisableKeyRotation(OWNER, { KeyId: id }))).toEqual(origin);
    expect(await refusal(vault.kms.GetKeyRotationStatus(OWNER, { KeyId: id }))).toEqual(origin);
  });

  it('needs every version’s material, and takes each back', async () => {
    const vault = newVault();
    const { id, arn } = await newExternalKey(vault);
    const [a, b] = [randomBytes(32), randomBytes(32)];
    const first = (await importInto(vault, id, a)).KeyMaterialId ?? '';
    await importInto(vault, id, b, NEW);
    await vault.kms.RotateKeyOnDemand(OWNER, { KeyId: id });
    await vault.kms.DeleteImportedKeyMaterial(OWNER, { KeyId: id, KeyMaterialId: first });
    expect(await refusal(vault.kms.Encrypt(OWNER, { KeyId: id, Plaintext }))).toEqual({
      code: 'KMSInvalidStateException',
      message: `${arn} is pending import.`,
    });
    await vault.kms.DeleteImportedKeyMaterial(OWNER, { KeyId: id });
    await importInto(vault, id, b);
    expect(await stateOf(vault, id)).toBe('PendingImport');
    await importInto(vault, id, a);
    expect(await stateOf(vault, id)).toBe('Enabled');
    const gone = await refusal(
      vault.kms.DeleteImportedKeyMaterial(OWNER, { KeyId: id, KeyMaterialId: 'b'.repeat(64) }),
    );
    expect(gone.code).toBe('NotFoundException');
  });

  it('lets go of material that waits, and takes other material in its place only then', async () => {
    const vault = newVault();
    const { id } = await newExternalKey(vault);
    const material = randomBytes(32);
    await importInto(vault, id, material);
    const waiting = (await importInto(vault, id, randomBytes(32), NEW)).KeyMaterialId ?? '';
    expect((await refusal(importInto(vault, id, material, NEW))).code).toBe('IncorrectKeyMaterialException');
    expect(await refusal(importInto(vault, id, randomBytes(32), NEW))).toEqual({
      code: 'KMSInvalidStateException',
      message: expect.stringMatching(
        `^New key material \\(id: [0-9a-f]{64}\\) cannot be imported into KMS key ${id}, because another key material \\(id: ${waiting}\\) is pending rotation\\.$`,
      ),
    });
    await vault.kms.DeleteImportedKeyMaterial(OWNER, { KeyId: id, KeyMaterialId: waiting });
    expect(await stateOf(vault, id)).toBe('Enabled');
    expect(await materialsOf(vault, id)).toHaveLength(1);
    await importInto(vault, id, randomBytes(32), NEW);
    expect(await materialsOf(vault, id)).toHaveLength(2);
  });
});

describe('imported material that expires', () => {
  const until = ({ clock }: TestVault, days: number) => ({ ValidTo: new Date(clock.now() + days * DAY) });

  it('is there until its date and gone at the first call after it, with an entry', async () => {
    const vault = newVault();
    const { id, arn } = await newExternalKey(vault);
    const material = randomBytes(32);
    const expiring = until(vault, 30);
    await importInto(vault, id, material, expiring);
    const { CiphertextBlob } = await vault.kms.Encrypt(OWNER, { KeyId: id, Plaintext });
    expect((await vault.kms.DescribeKey(OWNER, { KeyId: id })).KeyMetadata).toMatchObject({
      ExpirationModel: 'KEY_MATERIAL_EXPIRES',
      ...expiring,
    });
    vault.clock.advance(30 * DAY - 1);
    await vault.kms.Decrypt(OWNER, { CiphertextBlob });
    vault.clock.advance(1);
    expect(await refusal(vault.kms.Decrypt(OWNER, { CiphertextBlob }))).toEqual({
      code: 'KMSInvalidStateException',
      message: `${arn} is pending import.`,
    });
    expect(vault.audit.list({ limit: 2 })).toMatchObject([
      { eventName: 'DeleteExpiredKeyMaterial', keyArns: [arn], eventType: 'AwsServiceEvent' },
      { eventName: 'Decrypt', errorCode: 'KMSInvalidStateException' },
    ]);
    const bodies = vault.store.read((tx) =>
      tx.all<{ body: Buffer }>("SELECT body FROM records WHERE room = 'key-versions'"),
    );
    expect(bodies.map(({ body }) => body.toString().includes('"wrapped"'))).toEqual([false]);
    vault.clock.advance(-DAY);
    expect(await stateOf(vault, id)).toBe('PendingImport');
    await importInto(vault, id, material, until(vault, 365));
    expect((await vault.kms.Decrypt(OWNER, { CiphertextBlob })).Plaintext).toEqual(Plaintext);
    expect(events(vault).filter((name) => name === 'DeleteExpiredKeyMaterial')).toHaveLength(1);
  });

  it('is gone at the unlock after its date', async () => {
    const vault = newVault();
    const { id } = await newExternalKey(vault);
    await importInto(vault, id, randomBytes(32), until(vault, 1));
    vault.kms.runUnlockMaintenance(OWNER, undefined);
    expect(events(vault)).not.toContain('DeleteExpiredKeyMaterial');
    vault.clock.advance(2 * DAY);
    vault.kms.runUnlockMaintenance(OWNER, undefined);
    expect(events(vault)[0]).toBe('DeleteExpiredKeyMaterial');
    expect((await vault.kms.overviewOfAll(OWNER))[0]).toMatchObject({
      metadata: { KeyState: 'PendingImport' },
      versions: [{ current: true, imported: { ImportState: 'PENDING_IMPORT' } }],
    });
    expect(events(vault).filter((name) => name === 'DeleteExpiredKeyMaterial')).toHaveLength(1);
  });

  it('reads as gone in a list as well, and in a look without an entry', async () => {
    const vault = newVault();
    const { id } = await newExternalKey(vault);
    await importInto(vault, id, randomBytes(32), until(vault, 1));
    vault.clock.advance(2 * DAY);
    expect(vault.kms.look(id).metadata.KeyState).toBe('PendingImport');
    const [listed] = await vault.kms.overviewOfAll(OWNER);
    expect(listed).toMatchObject({
      metadata: { KeyState: 'PendingImport', Enabled: false },
      versions: [{ imported: { ImportState: 'PENDING_IMPORT' } }],
    });
  });

  it.each([
    ['imported anew', (vault: TestVault, id: string) => importInto(vault, id, randomBytes(32), NEW)],
    ['rotated', (vault: TestVault, id: string) => refusal(vault.kms.RotateKeyOnDemand(OWNER, { KeyId: id }))],
    [
      'described',
      (vault: TestVault, id: string) =>
        vault.kms.UpdateKeyDescription(OWNER, { KeyId: id, Description: 'd' }),
    ],
  ])('does not take the key with it where it only waited, when the key is then %s', async (_name, act) => {
    const vault = newVault();
    const { id } = await newExternalKey(vault);
    const first = (await importInto(vault, id, randomBytes(32))).KeyMaterialId;
    const waiting = (await importInto(vault, id, randomBytes(32), { ...NEW, ...until(vault, 1) }))
      .KeyMaterialId;
    vault.clock.advance(2 * DAY);
    await act(vault, id);
    expect(await stateOf(vault, id)).toBe('Enabled');
    const ids = (await materialsOf(vault, id)).map(({ KeyMaterialId }) => KeyMaterialId);
    expect(ids).toContain(first);
    expect(ids).not.toContain(waiting);
    expect(events(vault).filter((name) => name === 'DeleteExpiredKeyMaterial')).toHaveLength(1);
    const { CiphertextBlob } = await vault.kms.Encrypt(OWNER, { KeyId: id, Plaintext });
    expect((await vault.kms.Decrypt(OWNER, { CiphertextBlob })).KeyMaterialId).toBe(first);
  });

  it('leaves a key that is pending deletion pending deletion', async () => {
    const vault = newVault();
    const { id } = await newExternalKey(vault);
    await importInto(vault, id, randomBytes(32), until(vault, 1));
    await vault.kms.ScheduleKeyDeletion(OWNER, { KeyId: id });
    vault.clock.advance(2 * DAY);
    expect(await stateOf(vault, id)).toBe('PendingDeletion');
    expect(events(vault)).toContain('DeleteExpiredKeyMaterial');
    await vault.kms.CancelKeyDeletion(OWNER, { KeyId: id });
    expect(await stateOf(vault, id)).toBe('PendingImport');
  });

  it('tells the first of several dates, and is renewed by the same material', async () => {
    const vault = newVault();
    const { id } = await newExternalKey(vault);
    const [a, b] = [randomBytes(32), randomBytes(32)];
    await importInto(vault, id, a, until(vault, 20));
    await importInto(vault, id, b, { ...NEW, ...until(vault, 10) });
    const validTo = async () => (await vault.kms.DescribeKey(OWNER, { KeyId: id })).KeyMetadata.ValidTo;
    expect(await validTo()).toEqual(until(vault, 20).ValidTo);
    await vault.kms.RotateKeyOnDemand(OWNER, { KeyId: id });
    expect(await validTo()).toEqual(until(vault, 10).ValidTo);
    const { ImportToken, PublicKey } = await parametersFor(vault, id);
    await vault.kms.ImportKeyMaterial(OWNER, {
      KeyId: id,
      ImportToken,
      EncryptedKeyMaterial: wrapFor(PublicKey, 'RSAES_OAEP_SHA_256', b),
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    });
    expect(await validTo()).toEqual(until(vault, 20).ValidTo);
  });
});
