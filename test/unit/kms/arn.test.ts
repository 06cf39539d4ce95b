import { describe, expect, it } from 'vitest';
import { aliasArn, checkNewAliasName, keyArn, parseKeyReference } from '../../../src/main/kms/arn.ts';
import { KeywardError } from '../../../src/shared/errors.ts';
import { VAULT } from './support.ts';

const ID = '134f2428-cec1-4b25-a1ae-9048164dba47';

function thrown(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof KeywardError) return `${error.code}: ${error.message}`;
  }
  return 'nothing';
}

describe('parseKeyReference', () => {
  it('takes id, key ARN, alias name and alias ARN', () => {
    const key = { kind: 'key', id: ID };
    const alias = { kind: 'alias', name: 'alias/clients/brandt' };
    expect(parseKeyReference(VAULT, ID)).toEqual(key);
    expect(parseKeyReference(VAULT, keyArn(VAULT, ID))).toEqual(key);
    expect(parseKeyReference(VAULT, 'alias/clients/brandt')).toEqual(alias);
    expect(parseKeyReference(VAULT, aliasArn(VAULT, 'alias/clients/brandt'))).toEqual(alias);
    expect(keyArn(VAULT, ID)).toBe(`arn:aws:kms:local:000000000000:key/${ID}`);
  });

  it.each([
    ['fake-key-id', "NotFoundException: Invalid keyId 'fake-key-id'"],
    [
      '134f2428cec14b25a1ae9048164dba47',
      "NotFoundException: Invalid keyId '134f2428cec14b25a1ae9048164dba47'",
    ],
    ['arn:aws:kms:local:000000000000:key/x', "NotFoundException: Invalid keyId 'x'"],
    [`arn:aws:kms:eu-west-1:000000000000:key/${ID}`, 'NotFoundException: Invalid arn eu-west-1'],
    [
      `arn:aws:kms:local:111111111111:key/${ID}`,
      `NotFoundException: Key 'arn:aws:kms:local:111111111111:key/${ID}' does not exist`,
    ],
    [
      'arn:aws:kms:local:111111111111:alias/a',
      'NotFoundException: Alias arn:aws:kms:local:111111111111:alias/a is not found.',
    ],
    ['arn:aws:s3:::bucket', 'InvalidArnException: Invalid arn arn:aws:s3:::bucket'],
    [
      'arn:aws:kms:local:000000000000:grant/1',
      'InvalidArnException: Invalid arn arn:aws:kms:local:000000000000:grant/1',
    ],
    [
      '',
      "ValidationException: 1 validation error detected: Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
  ])('refuses %j', (text, message) => {
    expect(thrown(() => parseKeyReference(VAULT, text))).toBe(message);
  });

  it('refuses names beyond 2,048 characters without repeating them', () => {
    const message = thrown(() => parseKeyReference(VAULT, 'x'.repeat(2_049)));
    expect(message).toMatch(/^ValidationException.*Value at 'keyId'.*less than or equal to 2048$/);
  });
});

describe('checkNewAliasName', () => {
  it.each(['alias/my-files', 'alias/a/b_C-9', `alias/${'x'.repeat(250)}`, 'alias/awsome', 'alias/keyword'])(
    'takes %s',
    (name) => expect(thrown(() => checkNewAliasName(name))).toBe('nothing'),
  );

  it.each(['alias/aws/ebs', 'alias/aws/', 'alias/aws', 'alias/keyward/catalog', 'alias/keyward'])(
    'keeps %s reserved',
    (name) => expect(thrown(() => checkNewAliasName(name))).toMatch(/^InvalidAliasNameException: .*reserved/),
  );

  it.each([
    ['my-files', /must start with the prefix "alias\/"/],
    ['', /greater than or equal to 1/],
    [`alias/${'x'.repeat(251)}`, /less than or equal to 256/],
    ['alias/über', /regular expression pattern/],
    ['alias/a b', /regular expression pattern/],
    ['alias/a\n', /regular expression pattern/],
    ['alias/a:b', /invalid characters/],
    ['alias/', /invalid characters/],
  ])('refuses %j', (name, message) => {
    expect(thrown(() => checkNewAliasName(name))).toMatch(/^ValidationException/);
    expect(thrown(() => checkNewAliasName(name))).toMatch(message);
  });
});
