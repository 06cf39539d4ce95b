import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../../src/main/kms/policy/document.ts';
import { type Decision, evaluate } from '../../../../src/main/kms/policy/evaluate.ts';
import { question } from './questions.ts';
import { type Answer, type Question, referenceAnswer } from './reference.ts';

const SEED = Number(process.env['KEYWARD_TEST_SEED'] ?? randomInt(2 ** 31));
const RUNS = Number(
  process.env['KEYWARD_FUZZ_RUNS'] ?? (process.env['KEYWARD_TEST_LEVEL'] === 'long' ? 300_000 : 6_000),
);

/** Of each hundred decisions at least so many are of each kind; otherwise the questions ask too little. */
const SHARE = 5;

function decide({ request, keyPolicy, identityPolicies, grants }: Question): Decision {
  return evaluate(request, {
    keyPolicy: keyPolicy === undefined ? undefined : parsePolicy(JSON.stringify(keyPolicy), 'key'),
    identityPolicies: identityPolicies.map((policy, n) => ({
      name: String(n),
      policy: parsePolicy(JSON.stringify(policy), 'identity'),
    })),
    grants,
  });
}

/** The decision as the reference gives it. */
function answer({ grants }: Question, decision: Decision): Answer {
  if (decision.by === 'implicit-deny') return { by: decision.by };
  if (decision.by === 'grant') {
    return { by: decision.by, at: grants.findIndex(({ grantId }) => grantId === decision.grantId) };
  }
  const { policy, statement } = decision.place;
  return { by: decision.by, policy: policy === undefined ? 'key' : Number(policy), at: statement.index };
}

describe(`the evaluator beside a slow reference, seed ${SEED}`, () => {
  it('decides alike, by the same statement or grant', () => {
    const counts = new Map<string, number>();
    fc.assert(
      fc.property(question, (asked) => {
        const decision = decide(asked);
        counts.set(decision.by, (counts.get(decision.by) ?? 0) + 1);
        expect(decision.allowed).toBe(!decision.by.endsWith('deny'));
        expect(answer(asked, decision)).toEqual(referenceAnswer(asked));
      }),
      { numRuns: RUNS, seed: SEED },
    );
    const shares = ['key-policy', 'identity-policy', 'grant', 'explicit-deny', 'implicit-deny'].map(
      (kind) => [kind, (100 * (counts.get(kind) ?? 0)) / RUNS] as const,
    );
    for (const [kind, share] of shares)
      expect(share, `${kind} of ${shares.join(', ')}`).toBeGreaterThan(SHARE);
  });
});
