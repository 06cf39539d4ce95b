import { describe, expect, it } from 'vitest';
import type { DecryptInput, ReEncryptInput } from '../../../src/main/kms/types.ts';
import { codeOf, newKey, newVault, OWNER } from './support.ts';

const TRIED = { DryRun: true, DryRunModifiers: ['IGNORE_CIPHERTEXT'] };
const NOBODY = { principal: 'arn:aws:iam::000000000000:user/nobody', client: 'sdk' } as const;

describe('a dry run of Decrypt that ignores the ciphertext', () => {
  it('tells whether the key may be used, without a blob and with any', async () => {
    const vault = newVault();
    const { id } = await newKey(vault, 'alias/a');
    const asked = (input: DecryptInput, caller = OWNER) => codeOf(vault.kms.Decrypt(caller, input));
    expect(await asked({ ...TRIED, KeyId: id })).toBe('DryRunOperationException');
    expect(await asked({ ...TRIED, KeyId: 'alias/a', CiphertextBlob: Buffer.from('foreign') })).toBe(
      'DryRunOperationException',
    );
    expect(await asked({ ...TRIED, KeyId: id }, NOBODY)).toBe('AccessDeniedException');
    expect(await asked({ ...TRIED, KeyId: 'alias/none' })).toBe('NotFoundException');
    expect(await asked({ ...TRIED, KeyId: id, EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' })).toBe(
      'InvalidKeyUsageException',
    );
    await vault.kms.DisableKey(OWNER, { KeyId: id });
    expect(await asked({ ...TRIED, KeyId: id })).toBe('DisabledException');
  });

  it('needs the key by name, and a dry run; without it the blob must be there', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    const asked = (input: DecryptInput) => codeOf(vault.kms.Decrypt(OWNER, input));
    expect(await asked(TRIED)).toBe('ValidationException');
    expect(await asked({ ...TRIED, KeyId: id, DryRun: false })).toBe('ValidationException');
    expect(await asked({ ...TRIED, KeyId: id, DryRunModifiers: ['NONE'] })).toBe('ValidationException');
    expect(await asked({ KeyId: id })).toBe('ValidationException');
    expect(await asked({ KeyId: id, DryRun: true, DryRunModifiers: [] })).toBe('ValidationException');
  });
});

describe('a dry run of ReEncrypt that ignores the ciphertext', () => {
  it('tells whether both keys may be used', async () => {
    const vault = newVault();
    const [source, target] = [(await newKey(vault)).id, (await newKey(vault)).id];
    const both = { ...TRIED, SourceKeyId: source, DestinationKeyId: target };
    const asked = (input: ReEncryptInput, caller = OWNER) => codeOf(vault.kms.ReEncrypt(caller, input));
    expect(await asked(both)).toBe('DryRunOperationException');
    expect(await asked(both, NOBODY)).toBe('AccessDeniedException');
    expect(await asked({ ...TRIED, DestinationKeyId: target })).toBe('ValidationException');
    await vault.kms.DisableKey(OWNER, { KeyId: target });
    expect(await asked(both)).toBe('DisabledException');
    expect(await asked({ ...both, DestinationKeyId: source })).toBe('DryRunOperationException');
  });

  it('tells policies whether it is one key, by any of its names', async () => {
    const vault = newVault();
    const { id, arn } = await newKey(vault, 'alias/a');
    const other = (await newKey(vault)).id;
    const Statement = [
      { Effect: 'Allow', Action: 'kms:*', Resource: '*' },
      {
        Effect: 'Deny',
        Action: 'kms:ReEncrypt*',
        Resource: '*',
        Condition: { Bool: { 'kms:ReEncryptOnSameKey': 'true' } },
      },
    ];
    const policy = JSON.stringify({ Version: '2012-10-17', Statement });
    const { principal } = vault.kms.clients.create(OWNER, { name: 'app', policy });
    const asked = (DestinationKeyId: string) =>
      codeOf(
        vault.kms.ReEncrypt({ principal, client: 'sdk' }, { ...TRIED, SourceKeyId: arn, DestinationKeyId }),
      );
    expect(await asked('alias/a')).toBe('AccessDeniedException');
    expect(await asked(id)).toBe('AccessDeniedException');
    expect(await asked(other)).toBe('DryRunOperationException');
  });
});
