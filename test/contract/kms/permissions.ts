import { vi } from 'vitest';
import { GrantRows } from '../../../src/main/kms/access/grant-rows.ts';
import { but, found, type InputOf, type Make, operation, paged, tried, used } from './observing.ts';
import { there, type World } from './world.ts';

const SOMEBODY = 'arn:aws:iam::000000000000:user/somebody';

const ofKey: Make<{ KeyId: string }> = async (world) => ({ KeyId: await world.key() });

const policy: Make<InputOf<'PutKeyPolicy'>> = async (world) => {
  const KeyId = await world.key();
  return { KeyId, Policy: there((await world.kms.getKeyPolicy({ KeyId })).Policy) };
};

const grant: Make<InputOf<'CreateGrant'>> = async (world) => ({
  KeyId: await world.key(),
  GranteePrincipal: SOMEBODY,
  RetiringPrincipal: SOMEBODY,
  Operations: ['Encrypt'],
  Constraints: { EncryptionContextSubset: { customer: 'a' } },
});

async function granted(world: World) {
  const input = await grant(world);
  const { GrantId, GrantToken } = await world.kms.createGrant(input);
  return { KeyId: there(input.KeyId), GrantId: there(GrantId), GrantToken: there(GrantToken) };
}

const revoked: Make<InputOf<'RevokeGrant'>> = async (world) => {
  const { KeyId, GrantId } = await granted(world);
  return { KeyId, GrantId };
};

const retired: Make<InputOf<'RetireGrant'>> = async (world) => {
  const { KeyId, GrantId } = await granted(world);
  return { KeyId: world.arn(KeyId), GrantId };
};

const retirable: Make<InputOf<'ListRetirableGrants'>> = () => ({ RetiringPrincipal: SOMEBODY });

/** Key policies and grants. */
export const PERMISSIONS = [
  ...operation('GetKeyPolicy', ofKey, ['Policy', 'PolicyName'], found(ofKey)),
  ...operation('PutKeyPolicy', policy, [], {
    ...found(policy),
    MalformedPolicyDocumentException: but(policy, { Policy: '{}' }),
    LimitExceededException: but(policy, { Policy: `{}${' '.repeat(32_768)}` }),
  }),
  ...operation('ListKeyPolicies', ofKey, ['PolicyNames', 'Truncated'], found(ofKey)),
  ...operation('CreateGrant', grant, ['GrantId', 'GrantToken'], {
    ...used(grant),
    ...tried(grant),
    LimitExceededException: (world) => {
      // To make 50,000 grants would take minutes.
      vi.spyOn(GrantRows.prototype, 'count').mockReturnValueOnce(50_000);
      return grant(world);
    },
  }),
  ...operation('ListGrants', ofKey, ['Grants', 'Truncated'], {
    ...found<InputOf<'ListGrants'>>(ofKey),
    ...paged<InputOf<'ListGrants'>>(ofKey),
    InvalidGrantIdException: async (world) => ({ KeyId: await world.key(), GrantId: 'none' }),
  }),
  ...operation('ListRetirableGrants', retirable, ['Grants', 'Truncated'], {
    ...paged(retirable),
    InvalidArnException: () => ({ RetiringPrincipal: 'somebody' }),
  }),
  ...operation('RevokeGrant', revoked, [], {
    ...found(revoked),
    ...tried(revoked),
    InvalidGrantIdException: but(revoked, { GrantId: 'none' }),
  }),
  ...operation('RetireGrant', retired, [], {
    ...tried(retired),
    InvalidArnException: async (world) => ({ ...(await revoked(world)) }),
    InvalidGrantIdException: but(retired, { GrantId: 'none' }),
    InvalidGrantTokenException: () => ({ GrantToken: 'none' }),
    NotFoundException: but(retired, { GrantId: '0'.repeat(64) }),
    ValidationException: () => ({}),
  }),
];
