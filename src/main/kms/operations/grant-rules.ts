import { awsError } from '../../../shared/errors.ts';
import { GRANT_OPERATIONS, grantable } from '../../../shared/grant-operations.ts';
import type { GrantRow } from '../access/grant-rows.ts';
import { invalid, invalidArn } from '../errors.ts';
import type { FoundKey } from '../found-key.ts';
import { includesPairs } from '../policy/pairs.ts';
import { requireLength, requireOneOf } from '../validate.ts';

/** Throws `ValidationException` unless all operations are AWS's and such a key has them. */
export function checkOperations(key: FoundKey, operations: readonly string[], constrained: boolean): void {
  requireLength('operations', operations, 1, Number.POSITIVE_INFINITY);
  for (const [n, name] of operations.entries()) {
    requireOneOf(`operations.${n + 1}.member`, name, GRANT_OPERATIONS);
  }
  const { spec, usage } = key.row;
  const own = grantable(key.row);
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
  throw awsError('AccessDeniedException', `The new grant would allow more: ${reasons[0]}.`);
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
