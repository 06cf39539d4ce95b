import { describe, expect, it, vi } from 'vitest';
import { dispatch } from '../../../src/main/kms/dispatch.ts';
import { codeOf, newKey, newVault, OWNER, refusal, type TestVault, VAULT } from './support.ts';

const EMPTY = { code: 'InvalidCiphertextException', message: '' };
const context = { client: 'Brandt', case: '17' };

async function dataKey(vault: TestVault, KeyId: string) {
  return vault.kms.GenerateDataKey(OWNER, { KeyId, KeySpec: 'AES_256', EncryptionContext: context });
}

describe('GenerateDataKey', () => {
  it('gives a data key in clear and wrapped, and Decrypt gives it back', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault, 'alias/a');
    const made = await dataKey(vault, 'alias/a');
    expect(made).toMatchObject({ KeyId: arn, KeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(made.Plaintext).toHaveLength(32);
    expect(made.CiphertextBlob.includes(made.Plaintext)).toBe(false);
    const opened = await vault.kms.Decrypt(OWNER, {
      CiphertextBlob: made.CiphertextBlob,
      EncryptionContext: { case: '17', client: 'Brandt' },
    });
    expect(opened).toEqual({
      Plaintext: made.Plaintext,
      KeyId: arn,
      KeyMaterialId: made.KeyMaterialId,
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    });
  });

  it('gives other bytes each time, in the length asked for', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    const lengths = [1, 16, 1_024];
    for (const NumberOfBytes of lengths) {
      const { Plaintext } = await vault.kms.GenerateDataKey(OWNER, { KeyId: id, NumberOfBytes });
      expect(Plaintext).toHaveLength(NumberOfBytes);
    }
    const short = await vault.kms.GenerateDataKey(OWNER, { KeyId: id, KeySpec: 'AES_128' });
    expect(short.Plaintext).toHaveLength(16);
    const [a, b] = [await dataKey(vault, id), await dataKey(vault, id)];
    expect(a.Plaintext.equals(b.Plaintext)).toBe(false);
  });

  it.each([
    [{}, 'Please specify either number of bytes or key spec.'],
    [{ KeySpec: 'AES_256', NumberOfBytes: 32 }, 'Please specify either number of bytes or key spec.'],
    [
      { NumberOfBytes: 0 },
      "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      { NumberOfBytes: 1_025 },
      "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024",
    ],
    [{ NumberOfBytes: 1.5 }, expect.stringContaining('integer')],
    [{ KeySpec: 'AES_512' }, expect.stringContaining('enum value set: [AES_256, AES_128]')],
    [{ KeySpec: 'toString' }, expect.stringContaining('enum value set')],
    [{ KeySpec: 'AES_256', EncryptionContext: { a: '\ud800' } }, expect.stringContaining('lone surrogate')],
    [
      { KeySpec: 'AES_256', EncryptionContext: { a: 'x'.repeat(9_000) } },
      expect.stringContaining('9007 bytes'),
    ],
  ])('refuses %j', async (input, message) => {
    const vault = newVault();
    const { id } = await newKey(vault);
    expect(await refusal(vault.kms.GenerateDataKey(OWNER, { KeyId: id, ...input }))).toEqual({
      code: 'ValidationException',
      message,
    });
  });
});

describe('Encrypt and Decrypt', () => {
  it('take 1 to 4,096 bytes, with and without a context', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    for (const length of [1, 33, 4_096]) {
      const Plaintext = Buffer.alloc(length, length);
      for (const pairs of [{}, { EncryptionContext: context }]) {
        const { CiphertextBlob } = await vault.kms.Encrypt(OWNER, { KeyId: id, Plaintext, ...pairs });
        expect((await vault.kms.Decrypt(OWNER, { CiphertextBlob, ...pairs })).Plaintext).toEqual(Plaintext);
      }
    }
    for (const length of [0, 4_097]) {
      const input = { KeyId: id, Plaintext: Buffer.alloc(length) };
      expect((await refusal(vault.kms.Encrypt(OWNER, input))).message).toMatch(
        /^1 validation error.*'plaintext'/,
      );
    }
  });

  it('refuse a wrong, missing or additional context with InvalidCiphertextException and no words', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    const { CiphertextBlob } = await dataKey(vault, id);
    const wrong = [
      {},
      { client: 'Brandt' },
      { ...context, more: '' },
      { ...context, case: '18' },
      { client: 'brandt', case: '17' },
      { Client: 'Brandt', case: '17' },
    ];
    for (const EncryptionContext of wrong) {
      expect(await refusal(vault.kms.Decrypt(OWNER, { CiphertextBlob, EncryptionContext }))).toEqual(EMPTY);
    }
    expect(await refusal(vault.kms.Decrypt(OWNER, { CiphertextBlob }))).toEqual(EMPTY);
  });

  it('refuse a blob changed at any byte, cut at any byte, empty, or from elsewhere', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    const { CiphertextBlob: blob } = await dataKey(vault, id);
    const decrypt = (CiphertextBlob: Buffer) =>
      refusal(vault.kms.Decrypt(OWNER, { CiphertextBlob, EncryptionContext: context }));
    const tries: Promise<unknown>[] = [];
    for (let at = 0; at < blob.length; at++) {
      const changed = Buffer.from(blob);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      tries.push(decrypt(changed));
      if (at > 0) tries.push(decrypt(blob.subarray(0, at)));
    }
    for (const answer of await Promise.all(tries)) expect(answer).toEqual(EMPTY);
    expect((await decrypt(Buffer.alloc(0))).code).toBe('ValidationException');
    expect((await decrypt(Buffer.alloc(6_145, 1))).code).toBe('ValidationException');
    expect(await decrypt(Buffer.alloc(6_144, 1))).toEqual(EMPTY);
    const stranger = newVault('0e3f6b7a-9d1c-4f5e-8a2b-6c7d8e9f0a1b');
    const { CiphertextBlob } = await dataKey(stranger, (await newKey(stranger)).id);
    expect(await decrypt(CiphertextBlob)).toEqual(EMPTY);
  });

  it('refuse another key than the blob’s with IncorrectKeyException', async () => {
    const vault = newVault();
    const mine = await newKey(vault, 'alias/mine');
    await newKey(vault, 'alias/other');
    const { CiphertextBlob } = await dataKey(vault, mine.id);
    const decrypt = (KeyId: string) =>
      vault.kms.Decrypt(OWNER, { CiphertextBlob, EncryptionContext: context, KeyId });
    for (const KeyId of [mine.id, mine.arn, 'alias/mine']) {
      expect((await decrypt(KeyId)).KeyId).toBe(mine.arn);
    }
    expect(await refusal(decrypt('alias/other'))).toEqual({
      code: 'IncorrectKeyException',
      message: 'The key ID in the request does not identify a CMK that can perform this operation.',
    });
    expect(await codeOf(decrypt('alias/none'))).toBe('NotFoundException');
  });

  it('refuse algorithms of asymmetric keys and unknown ones', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    const encrypt = (EncryptionAlgorithm: string) =>
      codeOf(vault.kms.Encrypt(OWNER, { KeyId: id, Plaintext: Buffer.from('x'), EncryptionAlgorithm }));
    expect(await encrypt('SYMMETRIC_DEFAULT')).toBe('none');
    expect(await encrypt('RSAES_OAEP_SHA_256')).toBe('InvalidKeyUsageException');
    expect(await encrypt('ROT13')).toBe('ValidationException');
  });
});

describe('ReEncrypt', () => {
  it('moves a ciphertext to another key and context', async () => {
    const vault = newVault();
    const [from, to] = [await newKey(vault), await newKey(vault, 'alias/to')];
    const made = await dataKey(vault, from.id);
    const moved = await vault.kms.ReEncrypt(OWNER, {
      CiphertextBlob: made.CiphertextBlob,
      SourceEncryptionContext: context,
      DestinationKeyId: 'alias/to',
      DestinationEncryptionContext: { moved: 'yes' },
    });
    expect(moved).toMatchObject({
      SourceKeyId: from.arn,
      KeyId: to.arn,
      SourceKeyMaterialId: made.KeyMaterialId,
      SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    });
    expect(moved).not.toHaveProperty('Plaintext');
    const opened = await vault.kms.Decrypt(OWNER, {
      CiphertextBlob: moved.CiphertextBlob,
      EncryptionContext: { moved: 'yes' },
    });
    expect(opened).toMatchObject({
      Plaintext: made.Plaintext,
      KeyMaterialId: moved.DestinationKeyMaterialId,
    });
  });

  it('refuses when either key is disabled, the source key is another, or the context is wrong', async () => {
    const vault = newVault();
    const [from, to] = [await newKey(vault), await newKey(vault)];
    const { CiphertextBlob } = await dataKey(vault, from.id);
    const move = (more: object = {}) =>
      codeOf(
        vault.kms.ReEncrypt(OWNER, {
          ...{ CiphertextBlob, SourceEncryptionContext: context, DestinationKeyId: to.id },
          ...more,
        }),
      );
    expect(await move({ SourceKeyId: to.id })).toBe('IncorrectKeyException');
    expect(await move({ SourceEncryptionContext: {} })).toBe('InvalidCiphertextException');
    await vault.kms.DisableKey(OWNER, { KeyId: to.id });
    expect(await move()).toBe('DisabledException');
    await vault.kms.EnableKey(OWNER, { KeyId: to.id });
    expect(await move()).toBe('none');
    await vault.kms.DisableKey(OWNER, { KeyId: from.id });
    expect(await move()).toBe('DisabledException');
  });
});

describe('pitfalls', () => {
  it('an answer in JSON has its secrets in the text alone, not in a buffer that lives on', async () => {
    const vault = newVault();
    const { id: KeyId } = await newKey(vault);
    const made = vi.spyOn(vault.kms, 'GenerateDataKey');
    const { Plaintext } = await dispatch(vault.kms, OWNER, 'GenerateDataKey', { KeyId, KeySpec: 'AES_256' });
    const answer = await made.mock.results[0]?.value;
    expect(Buffer.from(String(Plaintext), 'base64')).toHaveLength(32);
    expect(Buffer.from(String(Plaintext), 'base64')).not.toEqual(Buffer.alloc(32));
    expect(answer.Plaintext).toEqual(Buffer.alloc(32));
  });

  it('pitfall 41: a disabled key refuses data key, encrypt and decrypt by id, ARN, alias and alias ARN', async () => {
    const vault = newVault();
    const { id, arn } = await newKey(vault, 'alias/locked-away');
    const { CiphertextBlob } = await dataKey(vault, id);
    await vault.kms.DisableKey(OWNER, { KeyId: id });
    const aliasArn = `arn:aws:kms:${VAULT.region}:${VAULT.account}:alias/locked-away`;
    const disabled = { code: 'DisabledException', message: `${arn} is disabled.` };
    for (const KeyId of [id, arn, 'alias/locked-away', aliasArn]) {
      const asked = [
        vault.kms.GenerateDataKey(OWNER, { KeyId, KeySpec: 'AES_256' }),
        vault.kms.Encrypt(OWNER, { KeyId, Plaintext: Buffer.from('x') }),
        vault.kms.Decrypt(OWNER, { KeyId, CiphertextBlob, EncryptionContext: context }),
        vault.kms.ReEncrypt(OWNER, {
          ...{
            CiphertextBlob,
            SourceEncryptionContext: context,
            SourceKeyId: KeyId,
            DestinationKeyId: KeyId,
          },
        }),
      ];
      for (const answer of await Promise.all(asked.map(refusal))) expect(answer).toEqual(disabled);
    }
    expect(await refusal(vault.kms.Decrypt(OWNER, { CiphertextBlob, EncryptionContext: context }))).toEqual(
      disabled,
    );
    await vault.kms.EnableKey(OWNER, { KeyId: id });
    expect(await codeOf(vault.kms.Decrypt(OWNER, { CiphertextBlob, EncryptionContext: context }))).toBe(
      'none',
    );
  });

  it('pitfall 42: what was encrypted by alias opens after the alias points elsewhere, and ReEncrypt takes aliases', async () => {
    const vault = newVault();
    const old = await newKey(vault, 'alias/current');
    const made = await dataKey(vault, 'alias/current');
    const fresh = await newKey(vault);
    // Re-pointing as UpdateAlias will do it: the alias's row names another key.
    const at = vault.clock.now();
    vault.store.write((tx) =>
      vault.records.put(tx, 'aliases', 'alias/current', { target: fresh.id, created: at, updated: at }),
    );
    expect((await vault.kms.DescribeKey(OWNER, { KeyId: 'alias/current' })).KeyMetadata.KeyId).toBe(fresh.id);
    const { CiphertextBlob } = made;
    const opened = await vault.kms.Decrypt(OWNER, { CiphertextBlob, EncryptionContext: context });
    expect(opened).toMatchObject({ Plaintext: made.Plaintext, KeyId: old.arn });
    const moved = await vault.kms.ReEncrypt(OWNER, {
      ...{ CiphertextBlob, SourceEncryptionContext: context, DestinationKeyId: 'alias/current' },
      DestinationEncryptionContext: context,
    });
    expect(moved.KeyId).toBe(fresh.arn);
  });

  it('pitfall 43: after 12 rotations every old blob opens, with the version that its header names', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    const made = [await dataKey(vault, id)];
    for (let i = 0; i < 12; i++) {
      await vault.kms.RotateKeyOnDemand(OWNER, { KeyId: id });
      made.push(await dataKey(vault, id));
    }
    expect(new Set(made.map(({ KeyMaterialId }) => KeyMaterialId)).size).toBe(13);
    for (const { CiphertextBlob, Plaintext, KeyMaterialId } of made) {
      const opened = await vault.kms.Decrypt(OWNER, { CiphertextBlob, EncryptionContext: context });
      expect(opened).toMatchObject({ Plaintext, KeyMaterialId });
    }
    // Under another version's name the same bytes do not open: nothing is tried.
    const [first, second] = made;
    const renamed = Buffer.from(first?.CiphertextBlob ?? '');
    Buffer.from(second?.KeyMaterialId ?? '', 'hex').copy(renamed, 17);
    expect(
      await refusal(vault.kms.Decrypt(OWNER, { CiphertextBlob: renamed, EncryptionContext: context })),
    ).toEqual(EMPTY);
  });
});
