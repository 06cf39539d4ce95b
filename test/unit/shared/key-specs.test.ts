import { describe, expect, it } from 'vitest';
import { PURPOSES } from '../../../src/renderer/text/purposes.ts';
import { GRANT_OPERATIONS, grantable } from '../../../src/shared/grant-operations.ts';
import {
  canWrap,
  hasPublicKey,
  isForFiles,
  isImportable,
  KEY_SPECS,
  kindOf,
  usagesOf,
  WRAPPING_ALGORITHMS,
  WRAPPING_KEY_SPECS,
} from '../../../src/shared/key-specs.ts';

describe('key specs', () => {
  it('are all offered by the window, for each usage that they have', () => {
    const offered = PURPOSES.flatMap(({ usage, specs }) => specs.map(({ spec }) => `${usage} ${spec}`));
    const known = KEY_SPECS.flatMap((spec) => usagesOf(spec).map((usage) => `${usage} ${spec}`));
    expect(offered.toSorted()).toEqual(known.toSorted());
  });

  it('tell by their names what their kinds say', () => {
    for (const spec of KEY_SPECS) {
      const { kind } = kindOf(spec);
      expect([spec, isForFiles({ spec })]).toEqual([spec, kind === 'symmetric']);
      expect([spec, hasPublicKey({ spec })]).toEqual([spec, !['symmetric', 'hmac'].includes(kind)]);
      expect([spec, isImportable({ spec })]).toEqual([spec, !['ml-dsa', 'ml-kem'].includes(kind)]);
    }
  });

  it('that can be imported can be wrapped in some way, and each in the ways that AWS has for it', () => {
    const ways = (spec: string) =>
      WRAPPING_ALGORITHMS.flatMap((algorithm) =>
        WRAPPING_KEY_SPECS.filter((wrapping) => canWrap(algorithm, wrapping, spec)).map(
          (wrapping) => `${algorithm.replace(/_SHA_.*/, '')} ${wrapping}`,
        ),
      );
    for (const spec of KEY_SPECS.filter((one) => isImportable({ spec: one }))) {
      expect([spec, ways(spec).length > 0]).toEqual([spec, true]);
    }
    expect(new Set(ways('RSA_2048').map((way) => way.split(' ')[0]))).toEqual(new Set(['RSA_AES_KEY_WRAP']));
    expect(new Set(ways('HMAC_384').map((way) => way.split(' ')[0]))).toEqual(new Set(['RSAES_OAEP']));
    expect(ways('ECC_NIST_P521')).not.toContain('RSAES_OAEP RSA_2048');
    expect(ways('ECC_NIST_P384')).toContain('RSAES_OAEP RSA_2048');
  });
});

describe('what a grant can allow', () => {
  it('goes by the usage and spec of the key', () => {
    expect(grantable({ usage: 'SIGN_VERIFY', spec: 'RSA_2048' })).toEqual([
      'Sign',
      'Verify',
      'GetPublicKey',
      'CreateGrant',
      'DescribeKey',
      'RetireGrant',
    ]);
    expect(grantable({ usage: 'ENCRYPT_DECRYPT', spec: 'SYMMETRIC_DEFAULT' })).toContain('GenerateDataKey');
    expect(grantable({ usage: 'ENCRYPT_DECRYPT', spec: 'SYMMETRIC_DEFAULT' })).not.toContain('GetPublicKey');
    expect(grantable({ usage: 'ENCRYPT_DECRYPT', spec: 'RSA_4096' })).toContain('GetPublicKey');
    expect(grantable({ usage: 'ENCRYPT_DECRYPT', spec: 'RSA_4096' })).not.toContain('GenerateDataKey');
  });

  it('is what goes with every key for a usage of a newer version, whatever it is called', () => {
    const always = ['CreateGrant', 'DescribeKey', 'RetireGrant'];
    for (const usage of ['NEW_USAGE', 'constructor'])
      expect(grantable({ usage, spec: 'NEW' })).toEqual(always);
  });

  it('is always among the operations that AWS knows for grants', () => {
    for (const spec of KEY_SPECS) {
      for (const usage of usagesOf(spec)) {
        expect(grantable({ usage, spec }).filter((name) => !GRANT_OPERATIONS.includes(name))).toEqual([]);
      }
    }
  });
});
