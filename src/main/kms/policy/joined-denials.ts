import { isKeywardError } from '../../../shared/errors.ts';
import { parsePolicy } from './document.ts';
import type { PolicyKind } from './policy-kind.ts';

type Statement = { readonly Sid?: unknown; readonly Effect?: unknown };
type Document = { readonly Version?: unknown; readonly Statement: Statement | readonly Statement[] };

/**
 * A policy with the denials of another that it lacks, behind its own statements; `none`: it lacks none; `can-not`: the
 * two can't be joined, as either is no policy, they are of different versions and have variables, or it would be too long.
 */
export function joinDenials(
  policy: string,
  other: string,
  kind: PolicyKind,
): { readonly joined: string } | 'none' | 'can-not' {
  if (!isPolicy(policy, kind) || !isPolicy(other, kind)) return 'can-not';
  const [mine, theirs] = [JSON.parse(policy) as Document, JSON.parse(other) as Document];
  const known = new Set(statementsOf(mine).map(bare));
  const lacking = statementsOf(theirs).filter((one) => one.Effect === 'Deny' && !known.has(bare(one)));
  if (lacking.length === 0) return 'none';
  // A variable means itself in the older version of the language.
  if (mine.Version !== theirs.Version && lacking.some((one) => bare(one).includes('${'))) return 'can-not';
  const added = lacking.map(({ Sid: _name, ...rest }) => rest);
  const joined = JSON.stringify({ ...mine, Statement: [...statementsOf(mine), ...added] });
  return isPolicy(joined, kind) ? { joined } : 'can-not';
}

function isPolicy(text: string, kind: PolicyKind): boolean {
  try {
    parsePolicy(text, kind);
    return true;
  } catch (error) {
    if (isKeywardError(error, 'MalformedPolicyDocumentException')) return false;
    throw error;
  }
}

function statementsOf({ Statement: given }: Document): readonly Statement[] {
  return Array.isArray(given) ? (given as readonly Statement[]) : [given as Statement];
}

/** A statement as text without its name, by which it is known again. */
function bare({ Sid: _name, ...rest }: Statement): string {
  return JSON.stringify(rest);
}
