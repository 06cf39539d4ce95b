import type { KeyGrant } from '../../../shared/access-contract.ts';
import type { AccessMethod } from '../../../shared/contract.ts';
import { isKeywardError } from '../../../shared/errors.ts';
import { principalArn } from '../../kms/access/identity.ts';
import type { GrantListEntry } from '../../kms/operations/grant-lists.ts';
import { keyReference } from '../key-reference.ts';
import type { HandlersOf } from './handler-context.ts';
import { refusalOf, withPersonal } from './reauthentication.ts';

/** The handlers of policies, grants, `keys.explain`, and of stepping down and up. */
export const ACCESS_HANDLERS: HandlersOf<AccessMethod> = {
  'keys.explain': async ({ services }, { key, principal, action, context, conditions }, { caller }) => {
    const answer = await services.kms.explain(caller, {
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
  'keys.policy': async ({ services }, { key }, { caller }) => {
    const { Policy } = await services.kms.GetKeyPolicy(caller, { KeyId: keyReference(key) });
    return { policy: Policy };
  },
  'keys.checkPolicy': async ({ services }, { key, policy }, { caller }) => {
    try {
      const preview = services.kms.previewKeyPolicy(caller, { KeyId: keyReference(key), Policy: policy });
      return { valid: true, loses: [...preview.loses], locksOut: preview.locksOut };
    } catch (error) {
      const wrong = [
        'MalformedPolicyDocumentException',
        'LimitExceededException',
        'ValidationException',
      ] as const;
      if (!isKeywardError(error, ...wrong)) throw error;
      return { valid: false, why: error.toBody().message };
    }
  },
  'keys.putPolicy': async ({ services }, { key, policy }, { caller }) => {
    await services.kms.PutKeyPolicy(caller, { KeyId: keyReference(key), Policy: policy });
    return { policy };
  },
  'keys.resetPolicy': async ({ services, confirm }, { key, credential }, { caller }) => ({
    policy: services.kms.resetKeyPolicy(caller, {
      KeyId: keyReference(key),
      refusal: await refusalOf(credential, confirm),
    }),
  }),
  'keys.grants': async ({ services }, { key }, { caller }) => {
    const { Grants, Truncated } = await services.kms.ListGrants(caller, {
      ...{ KeyId: keyReference(key), Limit: 1_000 },
    });
    return { grants: Grants.map(grantOf), more: Truncated };
  },
  'keys.createGrant': async (
    { services },
    { key, grantee, retiring, operations, equals, subset, name },
    { caller },
  ) => {
    const { account } = services.vault;
    const constraints = {
      ...(equals === undefined ? {} : { EncryptionContextEquals: equals }),
      ...(subset === undefined ? {} : { EncryptionContextSubset: subset }),
    };
    const { GrantId } = await services.kms.CreateGrant(caller, {
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
  'keys.revokeGrant': async ({ services }, { key, grantId }, { caller }) => {
    await services.kms.RevokeGrant(caller, { KeyId: keyReference(key), GrantId: grantId });
    return {};
  },
  'keys.retireGrant': async ({ services }, { key, grantId }, { caller }) => {
    const { Arn } = services.kms.look(keyReference(key)).metadata;
    await services.kms.RetireGrant(caller, { KeyId: Arn, GrantId: grantId });
    return {};
  },
  'vault.stepDown': async ({ stepDown }, { role }, { caller }) => ({
    role,
    logged: stepDown.down(caller, role),
  }),
  'vault.stepUp': async ({ stepDown, confirm }, { credential }, { caller }) => {
    await withPersonal(credential, (personal) => stepDown.up(caller, () => confirm(personal)));
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
