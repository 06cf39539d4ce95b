import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AccessGrant, AccessRequest } from '../../../../src/main/kms/policy/access-request.ts';
import { parsePolicy } from '../../../../src/main/kms/policy/document.ts';
import { evaluate } from '../../../../src/main/kms/policy/evaluate.ts';
import { isKeywardError } from '../../../../src/shared/errors.ts';

type Source = { readonly document: string; readonly section: string };
type Case = {
  readonly source: Source;
  readonly name: string;
  readonly keyPolicy: object | null;
  readonly identityPolicies: readonly { readonly name: string; readonly document: object }[];
  readonly grants: readonly AccessGrant[];
  readonly request: AccessRequest;
  readonly expect: { readonly allowed: boolean; readonly reasonKind: string; readonly sid?: string };
};
type Malformed = {
  readonly source: Source;
  readonly name: string;
  readonly kind: 'key' | 'identity';
  readonly why: string;
  readonly text?: string;
  readonly document?: object;
};

const path = join(import.meta.dirname, '../../../policy-cases.json');
const { cases, malformed } = JSON.parse(readFileSync(path, 'utf8')) as {
  cases: Case[];
  malformed: Malformed[];
};

describe('policies, as AWS’s documentation has them', () => {
  it.each(cases)(
    '$source.section: $name',
    ({ keyPolicy, identityPolicies, grants, request, expect: wanted }) => {
      const decision = evaluate(request, {
        keyPolicy: keyPolicy === null ? undefined : parsePolicy(JSON.stringify(keyPolicy), 'key'),
        identityPolicies: identityPolicies.map(({ name, document }) => ({
          name,
          policy: parsePolicy(JSON.stringify(document), 'identity'),
        })),
        grants,
      });
      expect([decision.allowed, decision.by]).toEqual([wanted.allowed, wanted.reasonKind]);
      if (wanted.sid === undefined) return;
      expect('place' in decision ? decision.place.statement.sid : undefined).toBe(wanted.sid);
    },
  );
});

describe('policies that are refused', () => {
  it.each(malformed)('$name', ({ kind, why, text, document }) => {
    try {
      parsePolicy(text ?? JSON.stringify(document), kind);
    } catch (error) {
      if (!isKeywardError(error, 'MalformedPolicyDocumentException')) throw error;
      expect(error.message).toBe(why);
      return;
    }
    expect.unreachable('it was read');
  });
});
