import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { importInto, newExternalKey } from './import-support.ts';
import { newKey, newVault, OWNER, refusal, versionOf } from './support.ts';

const Plaintext = Buffer.from('x');

/** A key with an older version, something encrypted under each, and the older one disabled. */
async function revoked() {
  const vault = newVault();
  const { kms } = vault;
  const { id, arn } = await newKey(vault, 'alias/a');
  const old = await kms.Encrypt(OWNER, { KeyId: id, Plaintext });
  const oldId = await versionOf(vault, id);
  const message = kms.generateMessageKey(OWNER, {
    KeyId: id,
    EncryptionContext: {},
    wrap: (_key, dataKey) => Buffer.from(dataKey),
  });
  await kms.RotateKeyOnDemand(OWNER, { KeyId: id });
  const now = await kms.Encrypt(OWNER, { KeyId: id, Plaintext });
  const nowId = await versionOf(vault, id);
  await kms.disableVersion(OWNER, { KeyId: 'alias/a', Version: oldId.slice(0, 8) });
  const disabled = {
    code: 'DisabledException',
    message: `Version ${oldId} of ${arn} is disabled, so nothing that was encrypted under it opens. To open it, enable the version: keyward keys versions enable ${id} ${oldId.slice(0, 12)}`,
  };
  return {
    vault,
    kms,
    id,
    arn,
    old: old.CiphertextBlob,
    now: now.CiphertextBlob,
    message,
    oldId,
    nowId,
    disabled,
  };
}

describe('a version that is disabled', () => {
  it('opens nothing, says so, and leaves the other versions alone', async () => {
    const { kms, id, old, now, disabled, oldId } = await revoked();
    expect(await refusal(kms.Decrypt(OWNER, { CiphertextBlob: old }))).toEqual(disabled);
    expect((await kms.Decrypt(OWNER, { CiphertextBlob: now })).Plaintext).toEqual(Plaintext);
    await kms.Encrypt(OWNER, { KeyId: id, Plaintext });
    const { versions, metadata } = await kms.overview(OWNER, { KeyId: id });
    expect(metadata.KeyState).toBe('Enabled');
    expect(versions.map((version) => version.disabled !== undefined)).toEqual([true, false]);
    await kms.enableVersion(OWNER, { KeyId: id, Version: oldId });
    expect((await kms.Decrypt(OWNER, { CiphertextBlob: old })).Plaintext).toEqual(Plaintext);
  });

  it('is refused to re-encryption, rewrap, export and AWS messages as well', async () => {
    const { kms, id, old, message, oldId, disabled } = await revoked();
    const asked = [
      kms.ReEncrypt(OWNER, { CiphertextBlob: old, DestinationKeyId: id }),
      kms.rewrapDataKey(OWNER, {
        messageId: Buffer.alloc(32),
        context: {},
        source: { CiphertextBlob: old },
        target: { KeyId: id },
        verify: () => true,
        seal: () => 'sealed',
      }),
      kms.exportMaterial(OWNER, { KeyId: id, KeyMaterialId: oldId, form: 'material' }),
      kms.openMessageKey(OWNER, {
        KeyId: id,
        KeyMaterialId: message.KeyMaterialId,
        EncryptionContext: {},
        unwrap: () => message.Plaintext,
      }),
    ];
    for (const refused of await Promise.all(asked.map(refusal))) expect(refused).toEqual(disabled);
  });

  it('is in the log with who did it', async () => {
    const { vault, kms, id, oldId, arn } = await revoked();
    await kms.enableVersion(OWNER, { KeyId: id, Version: oldId });
    expect(vault.audit.list({ limit: 2 })).toMatchObject([
      { eventName: 'EnableKeyVersion', eventType: 'KeywardEvent', keyArns: [arn], readOnly: false },
      {
        eventName: 'DisableKeyVersion',
        principal: OWNER.principal,
        requestParameters: { keyId: 'alias/a', version: oldId.slice(0, 8) },
        responseElements: { keyId: id, keyMaterialId: oldId },
      },
    ]);
  });

  it('keeps its date through a second time', async () => {
    const { vault, kms, id, oldId } = await revoked();
    vault.clock.advance(60_000);
    await kms.disableVersion(OWNER, { KeyId: id, Version: oldId });
    const [version] = (await kms.overview(OWNER, { KeyId: id })).versions;
    expect(version?.disabled?.getTime()).toBe(vault.clock.now() - 60_000);
  });
});

describe('a version that can’t be disabled', () => {
  it('is the current one: the key is to be rotated first', async () => {
    const { kms, id, arn, nowId, now } = await revoked();
    expect(await refusal(kms.disableVersion(OWNER, { KeyId: id, Version: nowId }))).toEqual({
      code: 'KMSInvalidStateException',
      message: `Version ${nowId} is the current one of ${arn}: what is encrypted now goes under it. Rotate the key first, or disable the whole key.`,
    });
    await kms.RotateKeyOnDemand(OWNER, { KeyId: id });
    await kms.disableVersion(OWNER, { KeyId: id, Version: nowId });
    expect((await refusal(kms.Decrypt(OWNER, { CiphertextBlob: now }))).code).toBe('DisabledException');
  });

  it('is one that waits for its rotation', async () => {
    const vault = newVault();
    const { id } = await newExternalKey(vault);
    await importInto(vault, id, randomBytes(32));
    const { KeyMaterialId = '' } = await importInto(vault, id, randomBytes(32), {
      ImportType: 'NEW_KEY_MATERIAL',
    });
    const { code } = await refusal(vault.kms.disableVersion(OWNER, { KeyId: id, Version: KeyMaterialId }));
    expect(code).toBe('KMSInvalidStateException');
  });

  it('is one of a key that is pending deletion', async () => {
    const { kms, id, oldId } = await revoked();
    await kms.ScheduleKeyDeletion(OWNER, { KeyId: id });
    expect((await refusal(kms.enableVersion(OWNER, { KeyId: id, Version: oldId }))).code).toBe(
      'KMSInvalidStateException',
    );
  });

  it.each([
    ['no version of the key', 'f'.repeat(64)],
    ['too few digits', ''],
    ['no digits', 'current!'],
  ])('is %s', async (_name, version) => {
    const { kms, id } = await revoked();
    expect((await refusal(kms.disableVersion(OWNER, { KeyId: id, Version: version }))).code).toBe(
      'NotFoundException',
    );
  });
});
