import { describe, expect, it } from 'vitest';
import { withMessageId } from '../../../src/shared/context.ts';
import { KeywardError } from '../../../src/shared/errors.ts';
import { codeOf, newKey, newVault, OWNER } from './support.ts';

const messageId = Buffer.alloc(32, 0x42);
const context = { case: '17' };

async function prepared() {
  const vault = newVault();
  const [from, to] = [await newKey(vault), await newKey(vault, 'alias/to')];
  const bound = withMessageId(context, messageId);
  const made = await vault.kms.GenerateDataKey(OWNER, {
    ...{ KeyId: from.id, KeySpec: 'AES_256', EncryptionContext: bound },
  });
  const rewrap = (verify: (dataKey: Buffer) => boolean, more: object = {}) =>
    vault.kms.rewrapDataKey(OWNER, {
      ...{
        messageId,
        context,
        source: { CiphertextBlob: made.CiphertextBlob },
        target: { KeyId: 'alias/to' },
      },
      ...{
        verify,
        seal: (dataKey: Buffer, slot: { KeyId: string }) => `${dataKey.toString('hex')} ${slot.KeyId}`,
      },
      ...more,
    });
  return { vault, from, to, bound, made, rewrap };
}

describe('rewrapDataKey', () => {
  it('can be kept within one key by a policy, as ReEncrypt can', async () => {
    const { vault, from, rewrap } = await prepared();
    const all = { Principal: '*', Resource: '*' };
    const Statement = [
      { Effect: 'Allow', Action: 'kms:*', ...all },
      {
        ...{ Effect: 'Deny', Action: 'kms:ReEncryptFrom', ...all },
        Condition: { Bool: { 'kms:ReEncryptOnSameKey': 'false' } },
      },
    ];
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await vault.kms.PutKeyPolicy(OWNER, { KeyId: from.id, Policy });
    expect(await codeOf(rewrap(() => true))).toBe('AccessDeniedException');
    expect(await codeOf(rewrap(() => true, { target: { KeyId: from.id } }))).toBe('none');
  });

  it('moves the data key, lets the header be verified and made, and logs one entry with both keys', async () => {
    const { vault, from, to, bound, made, rewrap } = await prepared();
    let seen: Buffer | undefined;
    const { result, slot } = await rewrap((dataKey) => {
      seen = dataKey;
      return dataKey.equals(made.Plaintext);
    });
    expect(result).toBe(`${made.Plaintext.toString('hex')} ${to.id}`);
    const opened = await vault.kms.Decrypt(OWNER, {
      CiphertextBlob: slot.CiphertextBlob,
      EncryptionContext: bound,
    });
    expect(opened).toMatchObject({
      Plaintext: made.Plaintext,
      KeyId: to.arn,
      KeyMaterialId: slot.KeyMaterialId,
    });
    expect(seen, 'the data key is wiped').toEqual(Buffer.alloc(32));
    const entries = vault.audit.list({ eventName: 'RewrapDataKey' });
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      keyArns: [from.arn, to.arn],
      eventType: 'KeywardEvent',
      requestParameters: { messageId: messageId.toString('hex'), destinationKeyId: 'alias/to' },
      responseElements: {
        sourceKeyMaterialId: made.KeyMaterialId,
        destinationKeyMaterialId: slot.KeyMaterialId,
      },
    });
  });

  it('moves to the newest version of the same key', async () => {
    const { vault, from, made, rewrap } = await prepared();
    await vault.kms.RotateKeyOnDemand(OWNER, { KeyId: from.id });
    const { slot } = await rewrap(() => true, { target: { KeyId: from.id } });
    expect(slot.KeyId).toBe(from.id);
    expect(slot.KeyMaterialId).not.toBe(made.KeyMaterialId);
  });

  it('is refused, and logged as such, when the header does not verify', async () => {
    const { vault, rewrap } = await prepared();
    expect(await codeOf(rewrap(() => false))).toBe('WrongKey');
    const damaged = rewrap(() => {
      throw new KeywardError('FileDamaged', 'The header of this file is not authentic.');
    });
    expect(await codeOf(damaged)).toBe('FileDamaged');
    const codes = vault.audit.list({ eventName: 'RewrapDataKey' }).map(({ errorCode }) => errorCode);
    expect(codes).toEqual(['FileDamaged', 'WrongKey']);
  });

  it('is refused for another message, another context, and by the state of either key', async () => {
    const { vault, from, to, rewrap } = await prepared();
    const ok = () => true;
    expect(await codeOf(rewrap(ok, { messageId: Buffer.alloc(32) }))).toBe('InvalidCiphertextException');
    expect(await codeOf(rewrap(ok, { context: {} }))).toBe('InvalidCiphertextException');
    await vault.kms.DisableKey(OWNER, { KeyId: to.id });
    expect(await codeOf(rewrap(ok))).toBe('DisabledException');
    await vault.kms.EnableKey(OWNER, { KeyId: to.id });
    await vault.kms.DisableKey(OWNER, { KeyId: from.id });
    expect(await codeOf(rewrap(ok))).toBe('DisabledException');
  });
});
