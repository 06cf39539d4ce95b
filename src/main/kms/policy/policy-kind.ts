/** What a policy is attached to: a key, or a principal. */
export type PolicyKind = 'key' | 'identity';
