import { describe, expect, it } from 'vitest';
import { dispatch } from '../../../src/main/kms/dispatch.ts';
import { KMS_REFUSED, KMS_REFUSED_NAMES } from '../../../src/shared/kms-operations.ts';
import { newVault, OWNER, refusal } from './support.ts';

describe('what the vault does not have', () => {
  it.each(KMS_REFUSED_NAMES)('%s is refused with the reason, and the refusal is logged', async (name) => {
    const { kms, audit } = newVault();
    expect(await refusal(dispatch(kms, OWNER, name, { KeyId: 'whatever' }))).toEqual({
      code: 'UnsupportedOperationException',
      message: `${name}: ${KMS_REFUSED[name]}`,
    });
    expect(audit.list({ limit: 1 })[0]).toMatchObject({
      eventName: name,
      errorCode: 'UnsupportedOperationException',
    });
  });

  it('is not among custom key stores either: there are none', async () => {
    const { kms } = newVault();
    const ask = (input: { [field: string]: string | number }) =>
      dispatch(kms, OWNER, 'DescribeCustomKeyStores', input);
    expect(await ask({ Limit: 5 })).toEqual({ CustomKeyStores: [], Truncated: false });
    const id = 'cks-1234567890abcdef0';
    expect(await refusal(ask({ CustomKeyStoreId: id }))).toMatchObject({
      code: 'CustomKeyStoreNotFoundException',
    });
    expect(await refusal(ask({ CustomKeyStoreName: 'mine' }))).toMatchObject({
      code: 'CustomKeyStoreNotFoundException',
    });
    expect(await refusal(ask({ CustomKeyStoreId: id, CustomKeyStoreName: 'mine' }))).toMatchObject({
      code: 'ValidationException',
    });
    expect(await refusal(ask({ Marker: 'x' }))).toMatchObject({ code: 'InvalidMarkerException' });
    expect(await refusal(ask({ Limit: 0 }))).toMatchObject({ code: 'ValidationException' });
  });
});
