import type { AccessGrant, AccessRequest, ContextValue } from './access-request.ts';
import { type Condition, holds } from './conditions.ts';
import type { Policy, Statement } from './document.ts';
import { shownValue } from './operators.ts';
import { includesPairs } from './pairs.ts';
import { arnMatcher, type Lookup, matches, resolve } from './pattern.ts';
import { accountOf, type Named, namedBy } from './principals.ts';

/** A policy of a principal, by its name. */
export type IdentityPolicy = { readonly name: string; readonly policy: Policy };

/**
 * All that speaks for or against a request; no `keyPolicy` for what is about no key. The grants are those of the key,
 * of `kms:RetireGrant` only the one to be retired: whoever may retire one of them may not retire all.
 */
type Rules = {
  readonly keyPolicy: Policy | undefined;
  readonly identityPolicies: readonly IdentityPolicy[];
  readonly grants: readonly AccessGrant[];
};

/** A statement by its policy: the key's, or one of the principal's by name. */
export type Place = { readonly policy: string | undefined; readonly statement: Statement };

/** What was decided and by what. */
export type Decision =
  | { readonly allowed: true; readonly by: 'key-policy'; readonly place: Place }
  | {
      readonly allowed: true;
      readonly by: 'identity-policy';
      readonly place: Place;
      readonly delegation: Statement | undefined;
    }
  | { readonly allowed: true; readonly by: 'grant'; readonly grantId: string }
  | { readonly allowed: false; readonly by: 'explicit-deny'; readonly place: Place }
  | { readonly allowed: false; readonly by: 'implicit-deny'; readonly missing: readonly NearMiss[] };

/** A statement that allows all but one thing: what that was. */
export type NearMiss =
  | {
      readonly what: 'condition';
      readonly place: Place;
      readonly condition: Condition;
      readonly had: readonly string[] | undefined;
    }
  | { readonly what: 'identity-policy'; readonly delegation: Statement }
  | { readonly what: 'delegation'; readonly place: Place };

/**
 * Decides by AWS's rules (IAM User Guide, "Policy evaluation logic"; KMS Developer Guide, "Key policies", "Grants"):
 * a Deny of any policy first; then an Allow of the key's policy that names the principal; an Allow of the
 * principal's policies where the key's policy names the account; a grant. Nothing else is allowed.
 */
export function evaluate(request: AccessRequest, rules: Rules): Decision {
  const facts = factsOf(request);
  const foreign = accountOf(request.principal) !== request.account;
  // Who may retire a grant is written in the grant. Beside it only the account's policies count, never the key's.
  const retires = request.action.toLowerCase() === 'kms:retiregrant';
  const key = (rules.keyPolicy?.statements ?? []).filter(({ effect }) => effect === 'Deny' || !retires);
  const own = rules.identityPolicies.flatMap(({ name, policy }) =>
    policy.statements.map((statement): Place => ({ policy: name, statement })),
  );
  const applies = (statement: Statement) =>
    covers(statement, request, facts) && failing(statement, facts).length === 0;
  const named = (statement: Statement): Named =>
    statement.principals === undefined
      ? 'principal'
      : namedBy(statement.principals, statement.effect, request.principal);

  const places = [...key.map((statement): Place => ({ policy: undefined, statement })), ...own];
  const denial = places.find(
    ({ statement }) => statement.effect === 'Deny' && named(statement) !== 'no' && applies(statement),
  );
  if (denial !== undefined) return { allowed: false, by: 'explicit-deny', place: denial };

  const allows = key.filter((statement) => statement.effect === 'Allow');
  const direct = allows.find((statement) => named(statement) === 'principal' && applies(statement));
  if (direct !== undefined && !foreign) {
    return { allowed: true, by: 'key-policy', place: { policy: undefined, statement: direct } };
  }
  // Somebody else's principal needs both: to be let in here, and to be sent from there.
  const byAccount = allows.find((statement) => named(statement) === 'account' && applies(statement));
  const delegation = foreign ? (direct ?? byAccount) : byAccount;
  const permitted = own.find(({ statement }) => statement.effect === 'Allow' && applies(statement));
  const trusted = delegation !== undefined || rules.keyPolicy === undefined || (retires && !foreign);
  if (permitted !== undefined && trusted) {
    return { allowed: true, by: 'identity-policy', place: permitted, delegation };
  }
  const grant = rules.grants.find((one) => grants(one, request));
  if (grant !== undefined) return { allowed: true, by: 'grant', grantId: grant.grantId };

  const near = places.flatMap(({ policy, statement }): NearMiss[] => {
    if (statement.effect !== 'Allow' || named(statement) === 'no' || !covers(statement, request, facts))
      return [];
    const [condition, another] = failing(statement, facts);
    if (condition === undefined || another !== undefined) return [];
    return [
      {
        what: 'condition',
        place: { policy, statement },
        condition,
        had: facts.readings(condition.key)?.flat(),
      },
    ];
  });
  const missing: NearMiss[] =
    permitted !== undefined
      ? [{ what: 'delegation', place: permitted }]
      : delegation !== undefined
        ? [{ what: 'identity-policy', delegation }]
        : [];
  return { allowed: false, by: 'implicit-deny', missing: [...missing, ...near] };
}

/**
 * The values of a condition key, as the request may be read; `undefined` where it has no such key. Case does not
 * count in condition keys, but it does in the names of an encryption context and of tags: where two names differ
 * only by case, each of them is a reading.
 */
type Readings = (key: string) => readonly (readonly string[])[] | undefined;
type Facts = { readonly readings: Readings; readonly lookup: Lookup };

function factsOf({ principal, context, encryptionContext = {} }: AccessRequest): Facts {
  const all = new Map<string, (readonly string[])[]>();
  const add = (key: string, values: readonly string[]) => {
    const readings = all.get(key.toLowerCase());
    if (readings === undefined) all.set(key.toLowerCase(), [values]);
    else readings.push(values);
  };
  for (const [name, value] of Object.entries(encryptionContext))
    add(`kms:EncryptionContext:${name}`, [value]);
  const names = Object.keys(encryptionContext);
  if (names.length > 0) add('kms:EncryptionContextKeys', names);
  for (const [key, value] of Object.entries(context)) add(key, isList(value) ? value : [shownValue(value)]);
  // Who asks is not for the request to say.
  const name = /:user\/(?:.*\/)?([^/]+)$/.exec(principal)?.[1];
  all.delete('aws:username');
  if (name !== undefined) all.set('aws:username', [[name]]);
  all.set('aws:principalarn', [[principal]]);
  all.set('aws:principalaccount', [[accountOf(principal)]]);
  all.set('kms:calleraccount', [[accountOf(principal)]]);
  const readings: Readings = (key) => all.get(key.toLowerCase());
  // A key of several values, or of several readings, stands for none of them.
  const lookup: Lookup = (key) => {
    const [values, another] = readings(key) ?? [];
    return another === undefined && values?.length === 1 ? values[0] : undefined;
  };
  return { readings, lookup };
}

function isList(value: ContextValue): value is readonly string[] {
  return Array.isArray(value);
}

/** Whether a statement is about this action and resource. */
function covers({ actions, resources }: Statement, request: AccessRequest, { lookup }: Facts): boolean {
  const action = request.action.toLowerCase();
  if (actions.list.some((pattern) => matches(pattern, action)) === actions.not) return false;
  const found = resources.list.some((template) => {
    const pattern = resolve(template, lookup);
    // The star of a request about no key is no ARN: only stars cover it.
    return pattern !== undefined && arnMatcher(pattern, true)(request.resource);
  });
  return found !== resources.not;
}

/** The conditions that don't hold. Of several readings the one counts that speaks against the request. */
function failing({ effect, conditions }: Statement, { readings, lookup }: Facts): Condition[] {
  return conditions.filter((condition) => {
    const all = readings(condition.key) ?? [undefined];
    const holding = all.filter((values) => holds(condition, values, lookup)).length;
    return effect === 'Allow' ? holding < all.length : holding === 0;
  });
}

/** Operations that an encryption context constrains nothing of. */
const WITHOUT_CONTEXT = ['DescribeKey', 'RetireGrant'];

function grants(grant: AccessGrant, { principal, action, encryptionContext = {} }: AccessRequest): boolean {
  const operation = action.slice('kms:'.length).toLowerCase();
  if (operation === 'retiregrant' && grant.retiringPrincipal === principal) return true;
  if (grant.granteePrincipal !== principal) return false;
  if (!grant.operations.some((name) => name.toLowerCase() === operation)) return false;
  const { encryptionContextEquals: equals, encryptionContextSubset: subset } = grant.constraints ?? {};
  if (WITHOUT_CONTEXT.some((name) => name.toLowerCase() === operation)) return true;
  if (subset !== undefined && !includesPairs(encryptionContext, subset)) return false;
  return (
    equals === undefined ||
    (includesPairs(encryptionContext, equals) && includesPairs(equals, encryptionContext))
  );
}
