import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as sdk from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { conditionsOf } from '../../../src/main/kms/access/conditions.ts';
import {
  KMS_FIELDS_REFUSED,
  KMS_OPERATION_NAMES,
  KMS_OPERATIONS,
  KMS_REFUSED,
  KMS_REFUSED_NAMES,
  type KmsField,
} from '../../../src/shared/kms-operations.ts';
import { CONDITION_KEYS, NEVER, OF_EVERY_CALL, OF_EVERY_KEY } from '../../contract/kms/condition-keys.ts';
import { declaredErrors, declaredFields } from '../../contract/kms/declared.ts';
import { OBSERVATIONS } from '../../contract/kms/observations.ts';
import { UNREACHABLE, unreachable } from '../../contract/kms/unreachable.ts';

const page = resolve(import.meta.dirname, '../../../docs/kms-api.md');
const START = '## Operations\n';
const names = [...KMS_OPERATION_NAMES, ...KMS_REFUSED_NAMES].sort();

const seen = Object.entries(OBSERVATIONS).flatMap(([file, all]) => all.map((one) => ({ ...one, file })));

/** What was seen of an operation through AWS's own client. */
function outcomesOf(operation: string): string[] {
  return seen.filter((one) => one.operation === operation).map(({ outcome }) => outcome);
}

/** What is missing for an operation to be called supported: its success, or an error that AWS declares for it. */
function missing(operation: string, outcomes = outcomesOf(operation)): string[] {
  const errors = declaredErrors(operation).filter((error) => unreachable(operation, error) === undefined);
  return ['success', ...errors].filter((outcome) => !outcomes.includes(outcome));
}

const fieldsOf = (operation: keyof typeof KMS_OPERATIONS): { readonly [field: string]: KmsField } =>
  KMS_OPERATIONS[operation];

const short = (error: string) => error.replace(/Exception$/, '');

/** One row for each operation. */
function operationRows(): string[] {
  return names.map((name) => {
    const file = seen.find(({ operation }) => operation === name)?.file ?? '';
    const outcomes = outcomesOf(name).map(short).join(', ');
    const link = `[${outcomes}](../test/contract/kms/${file})`;
    const own = KMS_OPERATION_NAMES.find((one) => one === name);
    if (own === undefined) {
      return `| ${name} | no | ${KMS_REFUSED[name as keyof typeof KMS_REFUSED]} | ${link} |`;
    }
    const list = Object.entries(fieldsOf(own)).map(([field, kind]) =>
      kind.endsWith('!') ? `**${field}**` : field,
    );
    return `| ${name} | yes | ${list.join(', ')} | ${link} |`;
  });
}

/** One row for each field that is refused. */
function fieldRows(): string[] {
  return Object.entries(KMS_FIELDS_REFUSED).map(([field, why]) => {
    const of = KMS_OPERATION_NAMES.filter(
      (name) => declaredFields(name).includes(field) && !Object.hasOwn(fieldsOf(name), field),
    );
    return `| ${field} | ${of.join(', ')} | ${why} |`;
  });
}

/** One row for each reason why an error does not happen. */
function errorRows(): string[] {
  return UNREACHABLE.map(
    ({ errors, operations, why }) =>
      `| ${errors.map(short).join(', ')} | ${operations?.join(', ') ?? 'all that declare it'} | ${why} |`,
  );
}

/** One row for each condition key, and for those of AWS's that no call has. */
function conditionRows(): string[] {
  const several = 'beside those of every call about a key';
  return [
    `| ${OF_EVERY_CALL.map((key) => `\`${key}\``).join(', ')} | every call |`,
    `| ${OF_EVERY_KEY.map((key) => `\`${key}\``).join(', ')} | every call about a key |`,
    ...Object.entries(CONDITION_KEYS).map(([key, actions]) => {
      const more = OF_EVERY_KEY.includes(key) ? `, ${several}` : '';
      return `| \`${key}\` | ${actions.join(', ')}${more} |`;
    }),
    ...Object.entries(NEVER).map(([key, why]) => `| \`${key}\` | none. ${why} |`),
  ];
}

/** What of the page is generated. */
function generated(): string {
  return [
    START,
    'The third column has the fields of the input (bold: must be there), or why not. The last has what was seen',
    'through AWS’s JavaScript client against the endpoint, errors without their `Exception`, and links the calls that',
    '`npm test` makes for it.',
    '',
    '| operation | here | input | seen |',
    '|---|---|---|---|',
    ...operationRows(),
    '',
    '## Fields that are refused',
    '',
    'With `UnsupportedOperationException`. Fields that AWS does not have either are passed over, as AWS does.',
    '',
    '| field | of | why |',
    '|---|---|---|',
    ...fieldRows(),
    '',
    '## Errors that do not happen',
    '',
    'AWS’s client declares them, and no call causes them here.',
    '',
    '| errors | of | why |',
    '|---|---|---|',
    ...errorRows(),
    '',
    '## Condition keys',
    '',
    'What conditions of policies can ask about, and of which calls, by the action that is asked for. With an encryption',
    'context goes `kms:EncryptionContextKeys`; `kms:RequestAlias` is there where a key is named by an alias.',
    '',
    '| condition key | of |',
    '|---|---|',
    ...conditionRows(),
    '',
  ].join('\n');
}

describe('docs/kms-api.md', () => {
  it('lists all operations as they are', () => {
    // To write it anew: KEYWARD_WRITE_DOCS=1 npx vitest run test/unit/project/kms-api.test.ts
    const text = readFileSync(page, 'utf8');
    const now = `${text.slice(0, text.indexOf(START))}${generated()}`;
    if (process.env['KEYWARD_WRITE_DOCS'] === '1') writeFileSync(page, now);
    else expect(text).toBe(now);
  });

  it('knows every operation that AWS’s own client has, and no other', () => {
    const theirs = Object.keys(sdk)
      .filter((name) => name.endsWith('Command') && name !== '$Command')
      .map((name) => name.slice(0, -'Command'.length))
      .sort();
    expect(theirs).toEqual(names);
  });

  it('calls an operation supported whose success and every declared error that can happen were seen', () => {
    const lacking = KMS_OPERATION_NAMES.flatMap((name) =>
      missing(name).map((outcome) => `${name} ${outcome}`),
    );
    expect(lacking).toEqual([]);
    expect(missing('Encrypt', ['DisabledException'])).toContain('success');
    expect(missing('Encrypt', ['success'])).toContain('DisabledException');
  });

  it('refuses the others', () => {
    for (const name of KMS_REFUSED_NAMES) expect(outcomesOf(name)).toEqual(['UnsupportedOperationException']);
  });

  it('excuses no error that was seen, or that AWS does not declare', () => {
    for (const { operation, outcome } of seen) {
      expect(unreachable(operation, outcome), `${operation} ${outcome}`).toBeUndefined();
    }
    const idle = UNREACHABLE.flatMap(({ errors, operations = KMS_OPERATION_NAMES, why }) =>
      errors
        .filter((error) => !operations.some((name) => declaredErrors(name).includes(error)))
        .map((error) => `${error}: ${why}`),
    );
    const needless = UNREACHABLE.flatMap(({ errors, operations = [] }) =>
      operations.flatMap((name) =>
        errors.filter((error) => !declaredErrors(name).includes(error)).map((error) => `${name} ${error}`),
      ),
    );
    expect([...idle, ...needless]).toEqual([]);
  });

  it('names the condition keys that every call and every key has', () => {
    const row = {
      spec: 'SYMMETRIC_DEFAULT',
      usage: 'ENCRYPT_DECRYPT',
      origin: 'AWS_KMS',
      state: 'Enabled',
    } as const;
    const more = { description: '', created: 0, current: '', tags: [{ key: 'a', value: '' }] };
    const key = { id: '', arn: '', row: { ...row, ...more } };
    const caller = { principal: '', client: 'sdk', sourceIp: '', userAgent: '' } as const;
    const facts = { now: 0, unlockedAt: 0, account: '' };
    const told = (of: typeof key | undefined) =>
      Object.keys(conditionsOf(caller, of, facts, {})).map((name) => name.replace(/Tag\/.*/, 'Tag/…'));
    const always = told(undefined);
    // Who asks, the evaluator tells; how a key is named, the authorizer.
    const whoAsks = ['aws:PrincipalAccount', 'aws:PrincipalArn', 'aws:username', 'kms:CallerAccount'];
    expect([...always, ...whoAsks].sort()).toEqual(OF_EVERY_CALL);
    const ofKey = told(key).filter((name) => !always.includes(name));
    expect([...ofKey, 'kms:RequestAlias', 'kms:ResourceAliases'].sort()).toEqual(OF_EVERY_KEY);
  });

  it('has every field that AWS’s own client has, or refuses it', () => {
    const passedOver = KMS_OPERATION_NAMES.flatMap((name) =>
      declaredFields(name)
        .filter((field) => !Object.hasOwn(fieldsOf(name), field) && !Object.hasOwn(KMS_FIELDS_REFUSED, field))
        .map((field) => `${name}.${field}`),
    );
    expect(passedOver).toEqual([]);
    const unknown = KMS_OPERATION_NAMES.flatMap((name) =>
      Object.keys(fieldsOf(name))
        .filter((field) => !declaredFields(name).includes(field))
        .map((field) => `${name}.${field}`),
    );
    expect(unknown).toEqual([]);
  });
});
