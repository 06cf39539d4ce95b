import { constants, publicEncrypt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { codeOf, newKey, newVault, OWNER, refusal, type TestVault, versionOf } from './support.ts';

const text = Buffer.from('the plaintext');
const [SHA_1, SHA_256] = ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] as const;
const context = { a: 'b' };

async function rsaKey({ kms }: TestVault, KeyUsage = 'ENCRYPT_DECRYPT') {
  return (await kms.CreateKey(OWNER, { KeySpec: 'RSA_2048', KeyUsage })).KeyMetadata;
}

describe('ReEncrypt', () => {
  it('moves a ciphertext from a symmetric to an RSA key, on to another and back', async () => {
    const vault = newVault();
    const { kms } = vault;
    const plain = await newKey(vault);
    const [one, two] = [await rsaKey(vault), await rsaKey(vault)];
    const first = await kms.Encrypt(OWNER, { KeyId: plain.id, Plaintext: text, EncryptionContext: context });
    const version = await versionOf(vault, plain.id);
    const toRsa = await kms.ReEncrypt(OWNER, {
      CiphertextBlob: first.CiphertextBlob,
      SourceEncryptionContext: context,
      DestinationKeyId: one.KeyId,
      DestinationEncryptionAlgorithm: SHA_256,
    });
    const { CiphertextBlob: _first, ...about } = toRsa;
    expect(about).toEqual({
      SourceKeyId: plain.arn,
      SourceKeyMaterialId: version,
      SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      KeyId: one.Arn,
      DestinationEncryptionAlgorithm: SHA_256,
    });
    const onward = await kms.ReEncrypt(OWNER, {
      CiphertextBlob: toRsa.CiphertextBlob,
      SourceKeyId: one.KeyId,
      SourceEncryptionAlgorithm: SHA_256,
      DestinationKeyId: two.KeyId,
      DestinationEncryptionAlgorithm: SHA_1,
    });
    const opened = await kms.Decrypt(OWNER, {
      KeyId: two.KeyId,
      CiphertextBlob: onward.CiphertextBlob,
      EncryptionAlgorithm: SHA_1,
    });
    expect(opened.Plaintext).toEqual(text);
    const back = await kms.ReEncrypt(OWNER, {
      CiphertextBlob: onward.CiphertextBlob,
      SourceKeyId: two.Arn,
      SourceEncryptionAlgorithm: SHA_1,
      DestinationKeyId: plain.id,
      DestinationEncryptionContext: context,
    });
    const { CiphertextBlob, ...aboutBack } = back;
    expect(aboutBack).toEqual({
      SourceKeyId: two.Arn,
      SourceEncryptionAlgorithm: SHA_1,
      KeyId: plain.arn,
      DestinationKeyMaterialId: version,
      DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    });
    const last = await kms.Decrypt(OWNER, { CiphertextBlob, EncryptionContext: context });
    expect(last.Plaintext).toEqual(text);
    const [entry] = vault.audit.list({ limit: 1, eventName: 'ReEncrypt' });
    expect(entry?.requestParameters).toMatchObject({
      sourceKeyId: two.Arn,
      sourceEncryptionAlgorithm: SHA_1,
      destinationKeyId: plain.id,
      destinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      destinationEncryptionContext: context,
    });
    expect(entry?.keyArns).toEqual([two.Arn, plain.arn]);
    expect(entry?.responseElements).toEqual({ destinationKeyMaterialId: version });
  });

  it('takes what was encrypted outside under a public key', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    const { KeyId } = await rsaKey(vault);
    const { PublicKey } = await vault.kms.GetPublicKey(OWNER, { KeyId });
    const blob = publicEncrypt(
      {
        ...{ key: PublicKey, format: 'der', type: 'spki', oaepHash: 'sha256' },
        padding: constants.RSA_PKCS1_OAEP_PADDING,
      },
      text,
    );
    const { CiphertextBlob } = await vault.kms.ReEncrypt(OWNER, {
      ...{ CiphertextBlob: blob, SourceKeyId: KeyId, SourceEncryptionAlgorithm: SHA_256 },
      DestinationKeyId: id,
    });
    expect((await vault.kms.Decrypt(OWNER, { CiphertextBlob })).Plaintext).toEqual(text);
  });

  it('refuses what does not go together, and tries without doing', async () => {
    const vault = newVault();
    const { kms } = vault;
    const plain = await newKey(vault);
    const [rsa, signing] = [await rsaKey(vault), await rsaKey(vault, 'SIGN_VERIFY')];
    const encrypted = async (Plaintext: Buffer) =>
      (await kms.Encrypt(OWNER, { KeyId: plain.id, Plaintext })).CiphertextBlob;
    const own = { CiphertextBlob: await encrypted(text) };
    const { CiphertextBlob: rsaBlob } = await kms.Encrypt(OWNER, {
      ...{ KeyId: rsa.KeyId, Plaintext: text, EncryptionAlgorithm: SHA_256 },
    });
    const toRsa = { ...own, DestinationKeyId: rsa.KeyId, DestinationEncryptionAlgorithm: SHA_256 };
    const fromRsa = {
      ...{ CiphertextBlob: rsaBlob, SourceKeyId: rsa.KeyId, SourceEncryptionAlgorithm: SHA_256 },
      DestinationKeyId: plain.id,
    };
    const asked: [object, string, RegExp?][] = [
      [{ ...toRsa, DryRun: true }, 'DryRunOperationException'],
      [{ ...fromRsa, DryRun: true }, 'DryRunOperationException'],
      [
        { ...fromRsa, CiphertextBlob: undefined, DryRun: true, DryRunModifiers: ['IGNORE_CIPHERTEXT'] },
        'DryRunOperationException',
      ],
      [{ ...toRsa, DestinationEncryptionContext: context }, 'ValidationException', /context/],
      [{ ...toRsa, CiphertextBlob: await encrypted(Buffer.alloc(191)) }, 'ValidationException', /190 bytes/],
      [{ ...toRsa, DestinationEncryptionAlgorithm: undefined }, 'InvalidKeyUsageException', /SYMMETRIC/],
      [
        { ...toRsa, DestinationEncryptionAlgorithm: 'ROT13' },
        'ValidationException',
        /'destinationEncryptionAlgorithm'/,
      ],
      [{ ...toRsa, DestinationKeyId: signing.KeyId }, 'InvalidKeyUsageException', /not valid for ReEncrypt/],
      [{ ...fromRsa, SourceKeyId: undefined }, 'ValidationException', /^SourceKeyId is required/],
      [{ ...fromRsa, SourceEncryptionAlgorithm: undefined }, 'InvalidKeyUsageException', /SYMMETRIC/],
      [{ ...fromRsa, SourceEncryptionAlgorithm: SHA_1 }, 'InvalidCiphertextException'],
      [
        { ...fromRsa, SourceEncryptionAlgorithm: 'ROT13' },
        'ValidationException',
        /'sourceEncryptionAlgorithm'/,
      ],
      [{ ...fromRsa, SourceEncryptionContext: context }, 'ValidationException', /context/],
      [{ ...fromRsa, SourceKeyId: signing.KeyId }, 'InvalidKeyUsageException', /not valid for ReEncrypt/],
      [{ ...fromRsa, ...own }, 'InvalidCiphertextException'],
    ];
    for (const [n, [input, code, message = /^/]] of asked.entries()) {
      const refused = await refusal(kms.ReEncrypt(OWNER, { DestinationKeyId: plain.id, ...input }));
      expect(refused, `case ${n}`).toMatchObject({ code, message: expect.stringMatching(message) });
    }
    expect(await codeOf(kms.ReEncrypt(OWNER, toRsa))).toBe('none');
    expect(await codeOf(kms.ReEncrypt(OWNER, fromRsa))).toBe('none');
  });
});

describe('Decrypt', () => {
  it('by a key that did not encrypt says so before what that key is for, unless the blob names none', async () => {
    const vault = newVault();
    const { kms } = vault;
    const plain = await newKey(vault);
    const { CiphertextBlob } = await kms.Encrypt(OWNER, { KeyId: plain.id, Plaintext: text });
    const others = [
      { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' },
      { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' },
      { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' },
      { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' },
      { KeySpec: 'ML_DSA_44', KeyUsage: 'SIGN_VERIFY' },
      { KeySpec: 'SYMMETRIC_DEFAULT', KeyUsage: 'ENCRYPT_DECRYPT' },
    ];
    for (const other of others) {
      const { KeyId } = (await kms.CreateKey(OWNER, other)).KeyMetadata;
      for (const EncryptionAlgorithm of [undefined, 'SYMMETRIC_DEFAULT']) {
        const algorithm = EncryptionAlgorithm === undefined ? {} : { EncryptionAlgorithm };
        expect(await refusal(kms.Decrypt(OWNER, { KeyId, CiphertextBlob, ...algorithm }))).toEqual({
          code: 'IncorrectKeyException',
          message: 'The key ID in the request does not identify a CMK that can perform this operation.',
        });
      }
      const moved = { CiphertextBlob, SourceKeyId: KeyId, DestinationKeyId: plain.id };
      expect(await codeOf(kms.ReEncrypt(OWNER, moved))).toBe('IncorrectKeyException');
      if (other.KeySpec === 'SYMMETRIC_DEFAULT') continue;
      const foreign = { KeyId, CiphertextBlob: Buffer.from('foreign') };
      expect(await codeOf(kms.Decrypt(OWNER, foreign))).toBe('InvalidKeyUsageException');
      const asRsa = { KeyId, CiphertextBlob, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' };
      if (other.KeyUsage === 'ENCRYPT_DECRYPT') continue;
      expect(await codeOf(kms.Decrypt(OWNER, asRsa))).toBe('InvalidKeyUsageException');
    }
  });
});

describe('a dry run', () => {
  it('refuses a context that the call itself would refuse', async () => {
    const vault = newVault();
    const { id: KeyId } = await newKey(vault);
    const wrong = { KeyId, EncryptionContext: { a: 'b'.repeat(8_192) }, DryRun: true };
    expect(await codeOf(vault.kms.Encrypt(OWNER, { ...wrong, Plaintext: text }))).toBe('ValidationException');
    expect(await codeOf(vault.kms.GenerateDataKey(OWNER, { ...wrong, KeySpec: 'AES_256' }))).toBe(
      'ValidationException',
    );
  });
});
