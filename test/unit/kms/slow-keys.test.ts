import { beforeEach, expect, it, vi } from 'vitest';
import { newRsaKey } from '../../../src/main/crypto/rsa-keys.ts';
import { dispatch } from '../../../src/main/kms/dispatch.ts';
import type { Caller } from '../../../src/main/kms/types.ts';
import type { Json } from '../../../src/shared/errors.ts';
import type { KmsOperation } from '../../../src/shared/kms-operations.ts';
import { newExternalKey } from './import-support.ts';
import { codeOf, newKey, newVault, OWNER, withUsers } from './support.ts';

vi.mock('../../../src/main/crypto/rsa-keys.ts', async (original) => {
  const real = await original<typeof import('../../../src/main/crypto/rsa-keys.ts')>();
  return { ...real, newRsaKey: vi.fn(real.newRsaKey) };
});

beforeEach(() => {
  vi.mocked(newRsaKey).mockClear();
});

const app: Caller = { principal: 'arn:aws:iam::000000000000:user/app', client: 'sdk' };
const pair = { KeyPairSpec: 'RSA_2048' };
const wrapping = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' };

it.each<[KmsOperation, { [field: string]: Json }]>([
  ['CreateKey', { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }],
  ['GenerateDataKeyPair', pair],
  ['GenerateDataKeyPairWithoutPlaintext', pair],
  ['GetParametersForImport', wrapping],
])(
  '%s makes no RSA key for who may not have it, nor for a key that is not there',
  async (operation, input) => {
    const vault = withUsers(newVault(), 'app');
    const { arn } =
      operation === 'GetParametersForImport' ? await newExternalKey(vault) : await newKey(vault);
    const call = (caller: Caller, KeyId = arn) =>
      codeOf(dispatch(vault.kms, caller, operation, operation === 'CreateKey' ? input : { ...input, KeyId }));
    expect(await call(app)).toBe('AccessDeniedException');
    if (operation !== 'CreateKey') expect(await call(OWNER, 'alias/none')).toBe('NotFoundException');
    expect(newRsaKey).not.toHaveBeenCalled();
    expect(await call(OWNER)).toBe('none');
    expect(newRsaKey).toHaveBeenCalledOnce();
  },
);

it('who is let through while the key would have been made is told to try again', async () => {
  const vault = withUsers(newVault(), 'app');
  const { arn: KeyId } = await newKey(vault);
  const Operations = ['GenerateDataKeyPair'];
  const call = () => codeOf(vault.kms.GenerateDataKeyPair(app, { KeyId, ...pair }));
  const early = call();
  await vault.kms.CreateGrant(OWNER, { KeyId, GranteePrincipal: app.principal, Operations });
  expect(await early).toBe('KMSInternalException');
  expect(await call()).toBe('none');
});
