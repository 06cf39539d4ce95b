import { hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openBlob, parseBlob } from '../../../src/main/kms/cipher/ciphertext-blob.ts';
import { encodeContext } from '../../../src/shared/context.ts';
import { KeywardError } from '../../../src/shared/errors.ts';
import { codeOf, newKey, newVault, OWNER } from './support.ts';

const SDK = { principal: 'arn:aws:iam::000000000000:user/somebody', client: 'sdk' } as const;

describe('export of key material', () => {
  it('gives what opens the blobs of that version, and of no other', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    const before = await vault.kms.GenerateDataKey(OWNER, { KeyId: id, KeySpec: 'AES_256' });
    const first = await vault.kms.exportMaterial(OWNER, { KeyId: id, form: 'material' });
    await vault.kms.RotateKeyOnDemand(OWNER, { KeyId: id });
    const second = await vault.kms.exportMaterial(OWNER, { KeyId: id, form: 'material' });
    const blob = parseBlob(before.CiphertextBlob);
    if (blob === undefined) throw new Error('not a blob');
    const context = encodeContext({});
    expect(first.KeyMaterialId).toBe(before.KeyMaterialId);
    expect(openBlob(first.exported, blob, context)?.equals(before.Plaintext)).toBe(true);
    expect(openBlob(second.exported, blob, context)).toBeUndefined();
    const input = { KeyId: id, KeyMaterialId: first.KeyMaterialId, form: 'material' } as const;
    const again = await vault.kms.exportMaterial(OWNER, input);
    expect(again.exported.equals(first.exported)).toBe(true);
  });

  it('for AWS gives the derived key only', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    const { exported: material, KeyMaterialId } = await vault.kms.exportMaterial(OWNER, {
      KeyId: id,
      form: 'material',
    });
    const { exported } = await vault.kms.exportMaterial(OWNER, { KeyId: id, form: 'aws' });
    const ids = Buffer.from(id.replaceAll('-', '') + KeyMaterialId, 'hex');
    const info = Buffer.concat([Buffer.from('keyward/1/esdk-raw-aes'), ids]);
    expect(exported.equals(Buffer.from(hkdfSync('sha512', material, '', info, 32)))).toBe(true);
  });

  it('marks the version with the first date, for good, and is in the log', async () => {
    const vault = newVault();
    const { id, arn } = await newKey(vault);
    const marks = async () =>
      (await vault.kms.overview(OWNER, { KeyId: id })).versions.map(({ exported }) => exported?.getTime());
    expect(await marks()).toEqual([undefined]);
    await vault.kms.exportMaterial(OWNER, { KeyId: id, form: 'aws' });
    const [first] = await marks();
    expect(first).toBe(vault.clock.now());
    vault.clock.advance(60_000);
    await vault.kms.exportMaterial(OWNER, { KeyId: id, form: 'material' });
    await vault.kms.RotateKeyOnDemand(OWNER, { KeyId: id });
    await vault.kms.DisableKey(OWNER, { KeyId: id });
    expect(await marks()).toEqual([first, undefined]);
    const entries = vault.audit.list({ limit: 100, eventName: 'ExportKeyMaterial' });
    expect(entries.map((entry) => [entry.keyArns, entry.readOnly])).toEqual([
      [[arn], false],
      [[arn], false],
    ]);
    expect(JSON.stringify(entries)).not.toContain('exported');
  });

  it('is refused, logged and leaves no mark: to others, without a fresh unlock, for what is disabled or not there', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    const input = { KeyId: id, form: 'material' } as const;
    const refusal = new KeywardError('WrongPassphrase', 'No.');
    const { kms } = vault;
    const codes = [
      await codeOf(kms.exportMaterial(SDK, input)),
      await codeOf(kms.exportMaterial(OWNER, { ...input, refusal })),
      await codeOf(kms.exportMaterial(OWNER, { ...input, KeyMaterialId: '00'.repeat(32) })),
      await codeOf(kms.exportMaterial(OWNER, { ...input, KeyId: 'alias/nobody' })),
    ];
    await kms.DisableKey(OWNER, { KeyId: id });
    codes.push(await codeOf(kms.exportMaterial(OWNER, input)));
    const expected = [
      'AccessDeniedException',
      'WrongPassphrase',
      'NotFoundException',
      'NotFoundException',
      'DisabledException',
    ];
    expect(codes).toEqual(expected);
    const entries = vault.audit.list({ limit: 100, eventName: 'ExportKeyMaterial' });
    expect(entries.map(({ errorCode }) => errorCode).reverse()).toEqual(expected);
    const { versions } = await kms.overview(OWNER, { KeyId: id });
    expect(versions.map(({ exported }) => exported)).toEqual([undefined]);
  });
});
