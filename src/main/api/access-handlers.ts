import type { KeyGrant } from '../../shared/access-contract.ts';
import type { AccessMethod } from '../../shared/contract.ts';
import { isKeywardError } from '../../shared/errors.ts';
import { principalArn } from '../kms/access/identity.ts';
import type { GrantListEntry } from '../kms/grant-lists.ts';
import { type HandlersOf, keyReference } from './call.ts';
import { refusalOf, withPersonal } from './fresh-unlock.ts';

/** The handlers of policies, grants, `keys.explain`, and of stepping down and up. */
export const ACCESS_HANDLERS: HandlersOf<AccessMethod> = {
  'keys.explain': async ({ rooms }, { key, principal, action, context, conditions }, { caller }) => {
    const answer = await rooms.kms.explain(caller, {
      ...{ KeyId: keyReference(key), principal, action },
      ...(context === undefined ? {} : { encryptionContext: context }),
      ...(conditions === undefined ? {} : { conditions }),
    });
    const { statement, grantId, missing, ...rest } = answer;
    return {
      ...rest,
      missing: [...missing],
      ...(statement === undefined ? {} : { statement: { ...statement } }),
      ...(grantId === undefined ? {} : { grantId }),
    };
  },
  'keys.policy': async ({ rooms }, { key }, { caller }) => {
    const { Policy } = await rooms.kms.GetKeyPolicy(caller, { KeyId: keyReference(key) });
    return { policy: Policy };
  },
  'keys.checkPolicy': async ({ rooms }, { key, policy }, { caller }) => {
    try {
      const preview = rooms.kms.previewKeyPolicy(caller, { KeyId: keyReference(key), Policy: policy });
      return { valid: true, loses: [...preview.loses], locksOut: preview.locksOut };
    } catch (error) {
      const wrong = [
        'MalformedPolicyDocumentException',
        'LimitExceededException',
        'ValidationException',
      ] as const;
      if (!isKeywardError(error, ...wrong)) throw error;
      return { valid: false, why: error.message };
    }
  },
  'keys.putPolicy': async ({ rooms }, { key, policy }, { caller }) => {
    await rooms.kms.PutKeyPolicy(caller, { KeyId: keyReference(key), Policy: policy });
    return { policy };
  },
  'keys.resetPolicy': async ({ rooms, confirm }, { key, credential }, { caller }) => ({
    policy: rooms.kms.resetKeyPolicy(caller, {
      KeyId: keyReference(key),
      refusal: await refusalOf(credential, confirm),
    }),
  }),
  'keys.grants': async ({ rooms }, { key }, { caller }) => {
    const { Grants, Truncated } = await rooms.kms.ListGrants(caller, {
      ...{ KeyId: keyReference(key), Limit: 1_000 },
    });
    return { grants: Grants.map(grantOf), more: Truncated };
  },
  'keys.createGrant': async (
    { rooms },
    { key, grantee, retiring, operations, equals, subset, name },
    { caller },
  ) => {
    const { account } = rooms.vault;
    const constraints = {
      ...(equals === undefined ? {} : { EncryptionContextEquals: equals }),
      ...(subset === undefined ? {} : { EncryptionContextSubset: subset }),
    };
    const { GrantId } = await rooms.kms.CreateGrant(caller, {
      ...{
        KeyId: keyReference(key),
        GranteePrincipal: principalArn(account, grantee),
        Operations: operations,
      },
      ...(retiring === undefined ? {} : { RetiringPrincipal: principalArn(account, retiring) }),
      ...(Object.keys(constraints).length === 0 ? {} : { Constraints: constraints }),
      ...(name === undefined ? {} : { Name: name }),
    });
    return { grantId: GrantId };
  },
  'keys.revokeGrant': async ({ rooms }, { key, grantId }, { caller }) => {
    await rooms.kms.RevokeGrant(caller, { KeyId: keyReference(key), GrantId: grantId });
    return {};
  },
  'keys.retireGrant': async ({ rooms }, { key, grantId }, { caller }) => {
    const { Arn } = rooms.kms.look(keyReference(key)).metadata;
    await rooms.kms.RetireGrant(caller, { KeyId: Arn, GrantId: grantId });
    return {};
  },
  'vault.stepDown': async ({ stepping }, { role }, { caller }) => ({
    role,
    logged: stepping.down(caller, role),
  }),
  'vault.stepUp': async ({ stepping, confirm }, { credential }, { caller }) => {
    await withPersonal(credential, (personal) => stepping.up(caller, () => confirm(personal)));
    return {};
  },
};

function grantOf(entry: GrantListEntry): KeyGrant {
  const { Name, RetiringPrincipal, Constraints = {} } = entry;
  const { EncryptionContextEquals: equals, EncryptionContextSubset: subset } = Constraints;
  return {
    grantId: entry.GrantId,
    createdAt: entry.CreationDate.toISOString(),
    grantee: entry.GranteePrincipal,
    operations: [...entry.Operations],
    ...(Name === undefined ? {} : { name: Name }),
    ...(RetiringPrincipal === undefined ? {} : { retiring: RetiringPrincipal }),
    ...(equals === undefined ? {} : { equals }),
    ...(subset === undefined ? {} : { subset }),
  };
}
