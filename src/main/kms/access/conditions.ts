import type { FoundKey } from '../found-key.ts';
import type { ContextValue } from '../policy/access-request.ts';
import type { Policy } from '../policy/document.ts';
import type { Caller } from '../types.ts';
import type { Conditions } from './facts.ts';

/**
 * The condition keys of a call (KMS Developer Guide, "AWS KMS condition keys"; IAM User Guide, "Global condition
 * keys"): the time, the caller, the key, and what the operation itself tells.
 */
export function conditionsOf(
  caller: Caller,
  key: FoundKey | undefined,
  facts: { readonly now: number; readonly unlockedAt: number; readonly account: string },
  told: Conditions,
): { [key: string]: ContextValue } {
  const all: Conditions = {
    'aws:CurrentTime': new Date(facts.now),
    'aws:EpochTime': Math.floor(facts.now / 1_000),
    'aws:PrincipalType': 'User',
    'aws:SecureTransport': false,
    'aws:SourceIp': caller.sourceIp,
    'aws:UserAgent': caller.userAgent,
    'keyward:Client': caller.client,
    'keyward:SecondsSinceUnlock': Math.max(0, Math.floor((facts.now - facts.unlockedAt) / 1_000)),
    ...(key === undefined ? {} : keyConditions(key, facts.account)),
    ...told,
  };
  const there: { [key: string]: ContextValue } = {};
  for (const [name, value] of Object.entries(all)) if (value !== undefined) there[name] = value;
  return there;
}

function keyConditions({ row }: FoundKey, account: string): Conditions {
  return {
    'aws:ResourceAccount': account,
    'kms:CustomerMasterKeySpec': row.spec,
    'kms:CustomerMasterKeyUsage': row.usage,
    'kms:KeyOrigin': row.origin,
    'kms:KeySpec': row.spec,
    'kms:KeyUsage': row.usage,
    'kms:MultiRegion': false,
    ...tagConditions('aws:ResourceTag', row.tags ?? []),
  };
}

/** One condition key for each tag: `aws:ResourceTag/…` or `aws:RequestTag/…`. */
export function tagConditions(
  name: 'aws:ResourceTag' | 'aws:RequestTag',
  tags: readonly { readonly key: string; readonly value: string }[],
): Conditions {
  return Object.fromEntries(tags.map(({ key, value }) => [`${name}/${key}`, value]));
}

const asked = new WeakMap<Policy, ReadonlySet<string>>();

/** Whether a policy has a condition on this key; facts that are costly to find out are only looked up then. */
export function asksFor(policy: Policy, key: string): boolean {
  let keys = asked.get(policy);
  if (keys === undefined) {
    keys = new Set(
      policy.statements.flatMap(({ conditions }) => conditions.map((one) => one.key.toLowerCase())),
    );
    asked.set(policy, keys);
  }
  return keys.has(key.toLowerCase());
}
