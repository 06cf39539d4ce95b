import { type EncryptionContext, encodeContext } from '../../../shared/context.ts';
import { awsError, type KeywardError } from '../../../shared/errors.ts';
import { randomBytes } from '../../crypto/bytes.ts';
import type { ReadTx, Tx } from '../../store/database.ts';
import { accessGrant } from '../access/authorizer.ts';
import { type StoredGrant, tagOf } from '../access/grant-rows.ts';
import { mayBeNamed } from '../access/identity.ts';
import { type Core, findKey, lookUpKey } from '../core.ts';
import { invalid, invalidArn } from '../errors.ts';
import { type FoundKey, requireEnabled } from '../found-key.ts';
import type { Operation } from '../operation.ts';
import { named, onKey } from '../request.ts';
import type { Caller, DryRunInput, KeyIdInput } from '../types.ts';
import { requireLength, requirePattern } from '../validate.ts';
import { endDryRun } from './dry-run.ts';
import { checkOperations, requireNarrower, requirePrincipal } from './grant-rules.ts';

const MAX_GRANTS = 50_000;
const MAX_PAIRS = 8;
const MAX_OF_VALUE = 384;

/** No grant here is for an AWS service. */
export const NOT_FOR_SERVICES = { 'kms:GrantIsForAWSResource': false } as const;

/**
 * What a grant's uses must have as their context: just these pairs, or these among others. 8 pairs at most, with
 * values of 384 characters.
 */
export type GrantConstraints = {
  readonly EncryptionContextEquals?: EncryptionContext;
  readonly EncryptionContextSubset?: EncryptionContext;
};

/** Constraints as a grant has them: one at most. */
type Constraints = { readonly equals?: EncryptionContext; readonly subset?: EncryptionContext };

/** Input of `CreateGrant`; principals are ARNs, `Name` makes a second call with the same input give the same grant. */
type CreateGrantInput = KeyIdInput &
  DryRunInput & {
    readonly GranteePrincipal: string;
    readonly RetiringPrincipal?: string;
    readonly Operations: readonly string[];
    readonly Constraints?: GrantConstraints;
    readonly Name?: string;
  };

/** Input of `RetireGrant`: a token, or a key's ARN and a grant's id. */
type RetireGrantInput = DryRunInput & {
  readonly GrantToken?: string;
  readonly KeyId?: string;
  readonly GrantId?: string;
};

/** `CreateGrant`: lets a principal do some operations with a key. It counts at once. */
export function createGrant(
  core: Core,
  caller: Caller,
  input: CreateGrantInput,
): { GrantToken: string; GrantId: string } {
  return core.journal.change((tx, step) =>
    step(createOperation(caller, input), (record) => {
      const { key, alias } = lookUpKey(core, tx, input.KeyId);
      record.keyArns.push(key.arn);
      const decision = core.access.authorize(tx, record, { key, alias });
      requireEnabled(key);
      const grant = draft(core, tx, caller, key, input);
      if (decision.by === 'grant') {
        const own = core.grants.ofKey(tx, key.id, caller.principal).map(({ body }) => body);
        requireNarrower(own, grant.body);
      }
      const kept = keep(core, tx, key, grant, input);
      record.response = { grantId: kept };
      return { GrantToken: core.tokens.make(key.id, kept), GrantId: kept };
    }),
  );
}

/** `RevokeGrant`: by whoever the key's policy lets. */
export function revokeGrant(
  core: Core,
  caller: Caller,
  input: KeyIdInput & DryRunInput & { readonly GrantId: string },
): void {
  const operation = onKey(caller, 'RevokeGrant', input, false, { conditions: NOT_FOR_SERVICES });
  const request = { ...operation.request, grantId: input.GrantId.slice(0, 128) };
  core.journal.change((tx, step) =>
    step({ ...operation, request }, (record) => {
      const key = findKey(core, tx, record, input.KeyId);
      const grant = grantOf(core, tx, key, input.GrantId);
      endDryRun(input);
      core.grants.end(tx, grant, core.clock.now());
    }),
  );
}

/** `RetireGrant`: by its retiring principal, by its grantee if that is among its operations, or by the account. */
export function retireGrant(core: Core, caller: Caller, input: RetireGrantInput): void {
  const request = {
    ...(input.KeyId === undefined ? {} : { keyId: named(input.KeyId) }),
    ...(input.GrantId === undefined ? {} : { grantId: input.GrantId.slice(0, 128) }),
  };
  core.journal.change((tx, step) =>
    step({ caller, eventName: 'RetireGrant', readOnly: false, request }, (record) => {
      const { keyId, grantId } = whichGrant(core, input);
      const { key } = lookUpKey(core, tx, keyId);
      record.keyArns.push(key.arn);
      const grant = core.grants.get(tx, key.id, grantId);
      const grants = grant === undefined ? [] : [accessGrant(grant)];
      core.access.authorize(tx, record, {
        key,
        grants,
        ...(grant === undefined ? {} : constraintFacts(grant.body)),
      });
      if (grant === undefined) throw noSuchGrant(grantId);
      endDryRun(input);
      core.grants.end(tx, grant, core.clock.now());
      record.response = { grantId: grant.id };
    }),
  );
}

/** The key and grant that an input names. Throws what is wrong with either. */
function whichGrant(core: Core, input: RetireGrantInput): { keyId: string; grantId: string } {
  const { GrantToken, KeyId, GrantId } = input;
  if (GrantToken !== undefined) {
    if (KeyId !== undefined || GrantId !== undefined) {
      throw invalid('Specify either the grant token or the key ARN with the grant ID, not both.');
    }
    requireLength('grantToken', GrantToken, 1, 8_192);
    return core.tokens.open(GrantToken);
  }
  if (KeyId === undefined || GrantId === undefined) {
    throw invalid('Specify the grant token, or the key ARN and the grant ID.');
  }
  if (!KeyId.startsWith('arn:')) throw invalidArn(named(KeyId));
  requireGrantId(GrantId);
  return { keyId: KeyId, grantId: GrantId };
}

/** The grant of that id. Throws `InvalidGrantIdException` for one that can't be, `NotFoundException`. */
export function grantOf(core: Core, tx: ReadTx, key: FoundKey, id: string): StoredGrant {
  requireGrantId(id);
  const grant = core.grants.get(tx, key.id, id);
  if (grant === undefined) throw noSuchGrant(id);
  return grant;
}

function requireGrantId(id: string): void {
  requireLength('grantId', id, 1, 128);
  if (/^[0-9a-f]{64}$/.test(id)) return;
  throw awsError('InvalidGrantIdException', `Invalid grant ID ${id}`);
}

function noSuchGrant(id: string): KeywardError {
  return awsError('NotFoundException', `Grant ID ${id} not found`);
}

function draft(core: Core, tx: ReadTx, caller: Caller, key: FoundKey, input: CreateGrantInput): StoredGrant {
  const { GranteePrincipal, RetiringPrincipal, Operations, Constraints, Name } = input;
  requireKnown(core, tx, 'granteePrincipal', GranteePrincipal);
  if (RetiringPrincipal !== undefined) requireKnown(core, tx, 'retiringPrincipal', RetiringPrincipal);
  if (Name !== undefined) {
    requireLength('name', Name, 1, 256);
    requirePattern('name', Name, /^[a-zA-Z0-9:/_-]+$/);
  }
  const constraints = constraintsOf(Constraints);
  checkConstraints(constraints);
  checkOperations(key, Operations, Object.keys(constraints).length > 0);
  const body = {
    grantee: GranteePrincipal,
    ...(RetiringPrincipal === undefined ? {} : { retiring: RetiringPrincipal }),
    operations: [...new Set(Operations)],
    ...constraints,
    ...(Name === undefined ? {} : { name: Name }),
    created: core.clock.now(),
    issuer: caller.principal,
  };
  const tag = tagOf(GranteePrincipal);
  return { keyId: key.id, id: tag + randomBytes(32 - tag.length / 2).toString('hex'), body };
}

/** Throws `InvalidArnException` unless it is a principal that a grant may name. */
function requireKnown(core: Core, tx: ReadTx, field: string, arn: string): void {
  requirePrincipal(field, arn);
  if (!mayBeNamed(core.rows, tx, core.vault.account, arn)) throw invalidArn(arn);
}

/**
 * The constraints as they are kept. An empty map beside another, or as a subset, constrains nothing and counts as not
 * there, for some of AWS's clients send both always; `EncryptionContextEquals` alone and empty stays: no context at all.
 */
function constraintsOf({
  EncryptionContextEquals,
  EncryptionContextSubset,
}: GrantConstraints = {}): Constraints {
  const isEmpty = (pairs: EncryptionContext) => Object.keys(pairs).length === 0;
  const equals =
    EncryptionContextSubset !== undefined && isEmpty(EncryptionContextEquals ?? {})
      ? undefined
      : EncryptionContextEquals;
  const subset = isEmpty(EncryptionContextSubset ?? {}) ? undefined : EncryptionContextSubset;
  return {
    ...(equals === undefined ? {} : { equals: { ...equals } }),
    ...(subset === undefined ? {} : { subset: { ...subset } }),
  };
}

/** Throws `ValidationException` for more than one constraint, or one that is too large. */
function checkConstraints({ equals, subset }: Constraints): void {
  if (equals !== undefined && subset !== undefined) throw invalid('More than one constraint supplied');
  const pairs = equals ?? subset ?? {};
  encodeContext(pairs);
  if (Object.keys(pairs).length > MAX_PAIRS) {
    throw invalid(`A grant constraint takes ${MAX_PAIRS} pairs at most.`);
  }
  if (Object.values(pairs).some((value) => value.length > MAX_OF_VALUE)) {
    throw invalid(`A value of a grant constraint has ${MAX_OF_VALUE} characters at most.`);
  }
}

/**
 * Keeps a grant unless there is one of that name and the same input, or the call is only tried. Returns the id of the
 * one that is kept.
 */
function keep(core: Core, tx: Tx, key: FoundKey, grant: StoredGrant, input: DryRunInput): string {
  const { name } = grant.body;
  const same =
    name === undefined
      ? undefined
      : core.grants.ofKey(tx, key.id, grant.body.grantee).find(({ body }) => isSame(body, grant.body));
  if (same === undefined && core.grants.count(tx, key.id) >= MAX_GRANTS) {
    throw awsError(
      'LimitExceededException',
      `The key ${key.arn} has ${MAX_GRANTS} grants already. Revoke some that are not needed.`,
    );
  }
  endDryRun(input);
  if (same === undefined) core.grants.put(tx, grant);
  return same?.id ?? grant.id;
}

function isSame(a: StoredGrant['body'], b: StoredGrant['body']): boolean {
  const text = ({ name, retiring, operations, equals, subset }: StoredGrant['body']) =>
    JSON.stringify([name, retiring, [...operations].sort(), sorted(equals), sorted(subset)]);
  return text(a) === text(b);
}

function sorted(pairs: EncryptionContext | undefined): readonly (readonly [string, string])[] | undefined {
  return pairs === undefined ? undefined : Object.entries(pairs).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** What a grant is constrained to is its context, to conditions and to the grant that it is made by. */
function constraintFacts({ equals, subset }: Constraints) {
  const type =
    equals !== undefined
      ? 'EncryptionContextEquals'
      : subset !== undefined
        ? 'EncryptionContextSubset'
        : undefined;
  return { encryptionContext: equals ?? subset, conditions: { 'kms:GrantConstraintType': type } };
}

function createOperation(caller: Caller, input: CreateGrantInput): Operation {
  const { GranteePrincipal, RetiringPrincipal, Operations, Constraints, Name } = input;
  const { encryptionContext, conditions } = constraintFacts(constraintsOf(Constraints));
  const operation = onKey(caller, 'CreateGrant', input, false, {
    encryptionContext,
    conditions: {
      ...conditions,
      ...NOT_FOR_SERVICES,
      // All of them, however often one stands there: what is not shown here could not be denied.
      'kms:GrantOperations': [...new Set(Operations)],
      'kms:GranteePrincipal': GranteePrincipal,
      'kms:RetiringPrincipal': RetiringPrincipal,
    },
  });
  const request = {
    ...operation.request,
    granteePrincipal: GranteePrincipal.slice(0, 256),
    ...(RetiringPrincipal === undefined ? {} : { retiringPrincipal: RetiringPrincipal.slice(0, 256) }),
    operations: Operations.slice(0, 50).map((one) => one.slice(0, 64)),
    ...(Constraints === undefined ? {} : { constraintType: Object.keys(Constraints) }),
    ...(Name === undefined ? {} : { name: Name.slice(0, 256) }),
  };
  return { ...operation, request };
}
