import type { Clock } from '../../../shared/clock.ts';
import type { ReadTx } from '../../store/database.ts';
import type { KeyRows } from '../keys/key-store.ts';
import type { OperationRecord } from '../operation.ts';
import type { AccessGrant, AccessRequest } from '../policy/access-request.ts';
import type { Policy } from '../policy/document.ts';
import { type Decision, evaluate } from '../policy/evaluate.ts';
import type { KeyVault } from '../types.ts';
import { asksFor, conditionsOf } from './conditions.ts';
import { accessDenied } from './denial.ts';
import type { GrantRows, StoredGrant } from './grant-rows.ts';
import type { GrantTokens } from './grant-tokens.ts';
import { identityPoliciesOf } from './identity.ts';
import type { PolicyRows } from './policy-rows.ts';
import type { AuthorizationRequest } from './request.ts';

type Deps = {
  readonly vault: KeyVault;
  readonly rows: KeyRows;
  readonly policies: PolicyRows;
  readonly grants: GrantRows;
  readonly tokens: GrantTokens;
  readonly clock: Clock;
  /** When the vault was unlocked, in ms since 1970. */
  readonly unlockedAt: number;
};

/**
 * Decides who may do what, by key policies, the principals' own policies and grants. Every operation asks it before
 * it looks at a key's state.
 */
export class Authorizer {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Allows a call or throws `AccessDeniedException`, `InvalidGrantTokenException`. The record is marked: an
   * operation that ends without a mark has a defect, and the journal says so.
   */
  authorize(
    tx: ReadTx,
    record: OperationRecord,
    ask: Omit<AuthorizationRequest, 'caller' | 'action'> & { readonly action?: string },
  ): Decision {
    const { caller, eventName, eventType, access } = record.operation;
    record.decided = true;
    for (const token of caller.grantTokens ?? []) this.#deps.tokens.open(token);
    const service = eventType === 'KeywardEvent' ? 'keyward' : 'kms';
    const action = ask.action ?? `${service}:${eventName}`;
    const decision = this.decide(tx, { ...access, ...ask, caller, action });
    if (decision.allowed) return decision;
    throw accessDenied(caller.principal, action, ask.key?.arn ?? ask.resource ?? '*', decision);
  }

  /** Decides, without an error or a mark. */
  decide(tx: ReadTx, ask: AuthorizationRequest): Decision {
    const { key, action, caller } = ask;
    const { rows, policies, vault } = this.#deps;
    const identityPolicies = identityPoliciesOf(rows, tx, vault.account, caller.principal);
    const keyPolicy = ask.keyPolicy ?? (key === undefined ? undefined : policies.policy(tx, key.id));
    const request: AccessRequest = {
      principal: caller.principal,
      account: vault.account,
      action,
      resource: key?.arn ?? ask.resource ?? '*',
      context: this.#conditions(tx, ask, [keyPolicy, ...identityPolicies.map(({ policy }) => policy)]),
      ...(ask.encryptionContext === undefined ? {} : { encryptionContext: ask.encryptionContext }),
    };
    const decision = evaluate(request, { keyPolicy, identityPolicies, grants: ask.grants ?? [] });
    if (decision.by !== 'implicit-deny') return decision;
    // A key policy can deny what AWS has no action for, but it need not name it for the owner's to count.
    if (action.startsWith('keyward:') && key !== undefined) {
      return evaluate(request, { keyPolicy: undefined, identityPolicies, grants: [] });
    }
    if (key === undefined || ask.grants !== undefined) return decision;
    const grants = this.#deps.grants.ofKey(tx, key.id, caller.principal).map(accessGrant);
    return grants.length === 0 ? decision : evaluate(request, { keyPolicy, identityPolicies, grants });
  }

  #conditions(tx: ReadTx, ask: AuthorizationRequest, policies: readonly (Policy | undefined)[]) {
    const { clock, unlockedAt, vault, rows } = this.#deps;
    const { key, alias } = ask;
    const needsAliases =
      key !== undefined &&
      policies.some((policy) => policy !== undefined && asksFor(policy, 'kms:ResourceAliases'));
    const aliases = needsAliases ? rows.aliases(tx, key.id).map(({ id }) => id) : [];
    return conditionsOf(
      ask.caller,
      key,
      { now: clock.now(), unlockedAt, account: vault.account },
      {
        'kms:RequestAlias': alias,
        'kms:ResourceAliases': aliases.length === 0 ? undefined : aliases,
        ...ask.conditions,
      },
    );
  }
}

/** A grant as the evaluator takes it. */
export function accessGrant({ id, body }: StoredGrant): AccessGrant {
  const { grantee, operations, retiring, equals, subset } = body;
  const constraints = {
    ...(equals === undefined ? {} : { encryptionContextEquals: equals }),
    ...(subset === undefined ? {} : { encryptionContextSubset: subset }),
  };
  return {
    grantId: id,
    granteePrincipal: grantee,
    operations,
    ...(retiring === undefined ? {} : { retiringPrincipal: retiring }),
    ...(Object.keys(constraints).length === 0 ? {} : { constraints }),
  };
}
