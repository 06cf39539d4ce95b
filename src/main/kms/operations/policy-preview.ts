import { grantable } from '../../../shared/grant-operations.ts';
import { accessDenied } from '../access/denial.ts';
import { type Core, lookUpKey } from '../core.ts';
import type { FoundKey } from '../found-key.ts';
import type { Caller, KeyIdInput } from '../types.ts';
import { readNewPolicy } from './policy.ts';

/** What another policy would change for the one who asks: operations that they could no longer do to the key. */
type PolicyPreview = {
  readonly loses: readonly string[];
  /** Whether `PutKeyPolicy` is among them, so that the policy is refused. */
  readonly locksOut: boolean;
};

/** Operations that rule over a key. */
const RULING = [
  'PutKeyPolicy',
  'CreateAlias',
  'DisableKey',
  'EnableKey',
  'EnableKeyRotation',
  'RevokeGrant',
  'RotateKeyOnDemand',
  'ScheduleKeyDeletion',
  'TagResource',
  'UpdateKeyDescription',
];

/**
 * Reads a policy as `PutKeyPolicy` would and tells what the caller would lose by it, for calls without encryption
 * context. Nothing is done, and nothing is logged. Throws `MalformedPolicyDocumentException`, naming the place,
 * `LimitExceededException`, `AccessDeniedException` to whoever may not see the policy.
 */
export function previewKeyPolicy(
  core: Core,
  caller: Caller,
  input: KeyIdInput & { readonly Policy: string },
): PolicyPreview {
  return core.journal.look((tx) => {
    const { key } = lookUpKey(core, tx, input.KeyId);
    const reading = core.access.decide(tx, { caller, action: 'kms:GetKeyPolicy', key });
    if (!reading.allowed) throw accessDenied(caller.principal, 'kms:GetKeyPolicy', key.arn, reading);
    const keyPolicy = readNewPolicy(core, tx, input.Policy);
    const loses = operationsOf(key).filter((name) => {
      const ask = { caller, action: `kms:${name}`, key, conditions: conditionsOf(name) };
      return core.access.decide(tx, ask).allowed && !core.access.decide(tx, { ...ask, keyPolicy }).allowed;
    });
    return { loses, locksOut: loses.includes('PutKeyPolicy') };
  });
}

function operationsOf(key: FoundKey): readonly string[] {
  const used = grantable(key.row).filter((name) => name !== 'RetireGrant');
  return [...used, ...RULING];
}

function conditionsOf(name: string) {
  return name === 'PutKeyPolicy' ? { 'kms:BypassPolicyLockoutSafetyCheck': false } : {};
}
