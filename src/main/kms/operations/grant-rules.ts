import { KeywardError } from '../../../shared/errors.ts';
import type { GrantRow } from '../access/grant-rows.ts';
import { invalid, invalidArn } from '../errors.ts';
import type { FoundKey } from '../found-key.ts';
import type { KeyUsage } from '../keys/key-specs.ts';
import { includesPairs } from '../policy/pairs.ts';
import { requireLength, requireOneOf } from '../validate.ts';

/** Operations that go with every key. */
const ALWAYS = ['CreateGrant', 'DescribeKey', 'RetireGrant'];

const OF_USAGE: { readonly [U in KeyUsage]: readonly string[] } = {
  ENCRYPT_DECRYPT: ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo'],
  SIGN_VERIFY: ['Sign', 'Verify', 'GetPublicKey'],
  GENERATE_VERIFY_MAC: ['GenerateMac', 'VerifyMac'],
  KEY_AGREEMENT: ['DeriveSharedSecret', 'GetPublicKey'],
  ENCAPSULATE_DECAPSULATE: ['Encapsulate', 'Decapsulate', 'GetPublicKey'],
};

/** Operations that symmetric keys alone have. */
const OF_SYMMETRIC = [
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
];

/** What a grant can allow, in AWS's words. */
export const GRANT_OPERATIONS: readonly string[] = [
  ...new Set([...Object.values(OF_USAGE).flat(), ...OF_SYMMETRIC, ...ALWAYS]),
];

/** The operations that a grant on this key can allow. */
export function grantable({ row: { spec, usage } }: FoundKey): readonly string[] {
  const symmetric = spec === 'SYMMETRIC_DEFAULT';
  return [
    ...OF_USAGE[usage],
    ...(symmetric ? OF_SYMMETRIC : []),
    ...(usage === 'ENCRYPT_DECRYPT' && !symmetric ? ['GetPublicKey'] : []),
    ...ALWAYS,
  ];
}

/** Throws `ValidationException` unless all operations are AWS's and such a key has them. */
export function checkOperations(key: FoundKey, operations: readonly string[], constrained: boolean): void {
  requireLength('operations', operations, 1, Number.POSITIVE_INFINITY);
  for (const [n, name] of operations.entries()) {
    requireOneOf(`operations.${n + 1}.member`, name, GRANT_OPERATIONS);
  }
  const { spec, usage } = key.row;
  const own = grantable(key);
  const foreign = [...new Set(operations)].filter((name) => !own.includes(name));
  if (foreign.length > 0) {
    throw invalid(
      `${key.arn} has key spec ${spec} and key usage ${usage}; a grant on it can't allow ${foreign.join(', ')}.`,
    );
  }
  if (constrained && spec !== 'SYMMETRIC_DEFAULT') {
    throw invalid('Grant constraints on the encryption context are for symmetric encryption keys only.');
  }
}

/** Throws `InvalidArnException` unless a text is the ARN of one principal. */
export function requirePrincipal(field: string, arn: string): void {
  requireLength(field, arn, 1, 256);
  if (/^arn:aws:(?:iam|sts)::\d{12}:(?:root|[a-z-]+\/[\w+=,.@/-]+)$/.test(arn)) return;
  throw invalidArn(arn);
}

/**
 * Whoever may create grants by grants alone can only pass on what one of those allows, under constraints that are
 * as strict (KMS Developer Guide, "Grants"). `own`: all grants of the key that are theirs. Throws
 * `AccessDeniedException`, which tells of the first.
 */
export function requireNarrower(own: readonly GrantRow[], child: GrantRow): void {
  const parents = own.filter(({ operations }) => operations.includes('CreateGrant'));
  const reasons = parents.map((parent) => whatIsWider(parent, child));
  if (reasons.includes(undefined)) return;
  throw new KeywardError('AccessDeniedException', `The new grant would allow more: ${reasons[0]}.`);
}

function whatIsWider(parent: GrantRow, child: GrantRow): string | undefined {
  const wider = child.operations.filter((name) => !parent.operations.includes(name));
  if (wider.length > 0) return `the grant that allows this doesn't allow ${wider.join(', ')}`;
  return isAsStrict(parent, child)
    ? undefined
    : 'its constraint is not as strict as that of the grant that allows this';
}

function isAsStrict(parent: GrantRow, child: GrantRow): boolean {
  if (parent.equals !== undefined) {
    return (
      child.equals !== undefined &&
      includesPairs(child.equals, parent.equals) &&
      includesPairs(parent.equals, child.equals)
    );
  }
  return parent.subset === undefined || includesPairs(child.equals ?? child.subset ?? {}, parent.subset);
}
