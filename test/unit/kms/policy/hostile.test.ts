import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../../src/main/kms/policy/document.ts';
import { evaluate } from '../../../../src/main/kms/policy/evaluate.ts';

const KEY = 'arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const short = Array.from({ length: 5_400 }, (_, n) => `a${String.fromCharCode(98 + (n % 20))}`);
const names = Object.fromEntries(Array.from({ length: 1_300 }, (_, n) => [`k${n.toString(36)}`, '']));

/** The processor's time for one decision, in milliseconds: the wall's says more of the machine. */
function cost(
  operator: string,
  key: string,
  values: string[],
  encryptionContext: { [name: string]: string },
) {
  const Condition = { [operator]: { [key]: values } };
  const Statement = { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*', Condition };
  const text = JSON.stringify({ Version: '2012-10-17', Statement });
  expect(text.length).toBeGreaterThan(27_000);
  const start = process.cpuUsage().user;
  const { allowed } = evaluate(
    {
      principal: 'arn:aws:iam::111122223333:user/ExampleUser',
      account: '111122223333',
      action: 'kms:Decrypt',
      resource: KEY,
      context: {},
      encryptionContext,
    },
    { keyPolicy: parsePolicy(text, 'key'), identityPolicies: [], grants: [] },
  );
  expect(allowed).toBe(false);
  return (process.cpuUsage().user - start) / 1_000;
}

describe('a policy of 32 KiB made to be slow, against an encryption context of 8 KiB', () => {
  const long = { k: 'a'.repeat(8_000) };
  const cases: [string, string, string[], { [name: string]: string }][] = [
    ['StringLike', 'kms:EncryptionContext:k', short, long],
    ['StringEqualsIgnoreCase', 'kms:EncryptionContext:k', short, long],
    ['ForAnyValue:StringEquals', 'kms:EncryptionContextKeys', short, names],
    ['ForAnyValue:StringLike', 'kms:EncryptionContextKeys', short, names],
    ['StringLike', 'kms:EncryptionContext:k', [`${'*a'.repeat(15_000)}b`], long],
  ];
  it.each(cases)('%s of %s', (...given) => {
    expect(cost(...given)).toBeLessThan(2_500);
  });
});

describe('a text made to be slow or deep', () => {
  const texts = [
    '['.repeat(16_000),
    '{"a":'.repeat(5_000),
    `"${'\\\\'.repeat(16_000)}`,
    `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Condition":{"StringLike":{"a:b":"${'${'.repeat(16_000)}"}}}]}`,
    `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Condition":{"${'If'.repeat(16_000)}":{}}}]}`,
  ];
  it.each(texts.map((text) => [text.slice(0, 12), text]))('%s…', (_, text) => {
    const start = process.cpuUsage().user;
    expect(() => parsePolicy(text, 'key')).toThrow(
      expect.objectContaining({ code: 'MalformedPolicyDocumentException' }),
    );
    expect((process.cpuUsage().user - start) / 1_000).toBeLessThan(200);
  });
});
