import { awsError, type KeywardError } from '../../../shared/errors.ts';
import type { ReadTx } from '../../store/database.ts';
import { mayBeNamed } from '../access/identity.ts';
import { readPolicy } from '../access/policy-rows.ts';
import { type Core, findKey, lookUpKey } from '../core.ts';
import type { FoundKey } from '../found-key.ts';
import { type Policy, refuseSameSids } from '../policy/document.ts';
import { onKey } from '../request.ts';
import type { Caller, KeyIdInput, PageInput, PageOutput } from '../types.ts';
import { requireLength, requirePattern, requireRange } from '../validate.ts';

const NAME = 'default';
const MAX_BYTES = 32_768;

/** Input of `GetKeyPolicy`; the only policy that a key has is called `default`. */
type GetKeyPolicyInput = KeyIdInput & { readonly PolicyName?: string };

/** Input of `PutKeyPolicy`; `Policy` is JSON, 1–32,768 bytes. */
type PutKeyPolicyInput = GetKeyPolicyInput & {
  readonly Policy: string;
  readonly BypassPolicyLockoutSafetyCheck?: boolean;
};

/** `GetKeyPolicy`. */
export async function getKeyPolicy(
  core: Core,
  caller: Caller,
  input: GetKeyPolicyInput,
): Promise<{ Policy: string; PolicyName: string }> {
  return core.journal.perform(onKey(caller, 'GetKeyPolicy', input, true), 'go-on', (tx, record) => {
    const key = findKey(core, tx, record, input.KeyId);
    requireDefault(input.PolicyName);
    return { Policy: core.policies.text(tx, key.id), PolicyName: NAME };
  });
}

/**
 * `PutKeyPolicy`, in every state of the key. Throws `MalformedPolicyDocumentException`, also where the caller
 * could not put another policy afterwards (`details.locksOut`), unless `BypassPolicyLockoutSafetyCheck` says that
 * this is meant.
 */
export function putKeyPolicy(core: Core, caller: Caller, input: PutKeyPolicyInput): void {
  const bypass = input.BypassPolicyLockoutSafetyCheck ?? false;
  const operation = onKey(caller, 'PutKeyPolicy', input, false, {
    conditions: { 'kms:BypassPolicyLockoutSafetyCheck': bypass },
  });
  const request = {
    ...operation.request,
    policyName: (input.PolicyName ?? NAME).slice(0, 128),
    policy: input.Policy.slice(0, MAX_BYTES),
    bypassPolicyLockoutSafetyCheck: bypass,
  };
  core.journal.change((tx, step) =>
    step({ ...operation, request }, (record) => {
      const key = findKey(core, tx, record, input.KeyId);
      requireDefault(input.PolicyName);
      checkKeyPolicy(core, tx, caller, key, input.Policy, bypass);
      core.policies.put(tx, key.id, input.Policy);
    }),
  );
}

/** Input of `resetKeyPolicy`. `refusal`: why the owner was not recognised anew. */
export type ResetKeyPolicyInput = KeyIdInput & { readonly refusal?: KeywardError | undefined };

/**
 * Puts the default policy back, whatever the key's own policy says of it: for an owner whom that shuts out, and who
 * has just shown who it is. Clients and roles may not, nor may anybody with a managed key. Returns the policy that
 * holds then. Throws `AccessDeniedException`, the `refusal`, `UnsupportedOperationException`.
 */
export function resetKeyPolicy(core: Core, caller: Caller, input: ResetKeyPolicyInput): string {
  const operation = onKey(caller, 'ResetKeyPolicy', input, false);
  return core.journal.change((tx, step) =>
    step({ ...operation, eventType: 'KeywardEvent' }, (record) => {
      const { key } = lookUpKey(core, tx, input.KeyId);
      record.keyArns.push(key.arn);
      // Asked about no key, so that no key's policy can answer.
      core.access.authorize(tx, record, {});
      if (input.refusal !== undefined) throw input.refusal;
      if (key.row.manager !== undefined) {
        throw awsError(
          'UnsupportedOperationException',
          `${key.arn} is managed by the vault, and its policy stays as it is.`,
        );
      }
      core.policies.remove(tx, key.id);
      return core.policies.text(tx, key.id);
    }),
  );
}

/** `ListKeyPolicies`: always the one. */
export async function listKeyPolicies(
  core: Core,
  caller: Caller,
  input: KeyIdInput & PageInput,
): Promise<{ PolicyNames: string[] } & PageOutput> {
  return core.journal.perform(onKey(caller, 'ListKeyPolicies', input, true), 'go-on', (tx, record) => {
    requireRange('limit', input.Limit ?? 100, 1, 1_000);
    findKey(core, tx, record, input.KeyId);
    return { PolicyNames: [NAME], Truncated: false };
  });
}

/** Throws unless a text is a policy that this key can have and that leaves the caller in charge of it. */
export function checkKeyPolicy(
  core: Core,
  tx: ReadTx,
  caller: Caller,
  key: FoundKey,
  text: string,
  bypass: boolean,
): void {
  const keyPolicy = readNewPolicy(core, tx, text);
  if (bypass) return;
  const conditions = { 'kms:BypassPolicyLockoutSafetyCheck': false };
  const { allowed } = core.access.decide(tx, {
    ...{ caller, action: 'kms:PutKeyPolicy', key, keyPolicy, conditions },
    grants: [],
  });
  if (allowed) return;
  throw awsError(
    'MalformedPolicyDocumentException',
    'The new key policy will not allow you to update the key policy in the future.',
    { locksOut: true },
  );
}

/**
 * Reads a policy that is to be a key's. Throws as `requirePolicyText` does, and `MalformedPolicyDocumentException`, also
 * for the same Sid in two statements, and for a principal of this account that is not there (`details.principals`): a
 * name that was mistyped would be given nothing, in silence. What is kept already is not asked that: principals go, and
 * their policies stay.
 */
export function readNewPolicy(core: Core, tx: ReadTx, text: string): Policy {
  requirePolicyText(text);
  const policy = readPolicy(text, 'key');
  refuseSameSids(policy.statements);
  const named = policy.statements.flatMap(({ principals }) => principals?.arns ?? []);
  const principals = named.filter((arn) => !mayBeNamed(core.rows, tx, core.vault.account, arn));
  if (principals.length === 0) return policy;
  throw awsError(
    'MalformedPolicyDocumentException',
    'Policy contains a statement with one or more invalid principals.',
    { principals: [...new Set(principals)] },
  );
}

/**
 * Throws `ValidationException` or `LimitExceededException` for what is too long for a policy, or empty, or beyond the
 * characters that AWS takes (KMS API Reference, "PutKeyPolicy").
 */
function requirePolicyText(text: string): void {
  requireLength('policy', text, 1, 131_072);
  requirePattern('policy', text, /^[\t\n\r\u0020-\u00FF]+$/);
  if (Buffer.byteLength(text) > MAX_BYTES) {
    throw awsError(
      'LimitExceededException',
      `The key policy is longer than ${MAX_BYTES} bytes. Shorten it, or move permissions into grants.`,
    );
  }
}

function requireDefault(name: string | undefined): void {
  if (name === undefined || name === NAME) return;
  throw awsError('NotFoundException', 'No such policy exists');
}
