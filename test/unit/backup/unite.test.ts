import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RowSet } from '../../../src/main/backup/unite/row-set.ts';
import { unite } from '../../../src/main/backup/unite/unite.ts';

const ACCOUNT = '000000000000';
const KEY = randomUUID();
const VERSION = 'a'.repeat(64);

/** A policy that allows everything, and denies Decrypt to a principal under a condition with a variable. */
const policyOf = (version: string, denied?: string, whose?: string) =>
  JSON.stringify({
    Version: version,
    Statement: [
      { Effect: 'Allow', ...whom(whose), Action: 'kms:*', Resource: '*' },
      ...(denied === undefined
        ? []
        : [
            {
              ...{ Effect: 'Deny', ...whom(whose), Action: 'kms:Decrypt', Resource: '*' },
              Condition: { StringEquals: { 'kms:EncryptionContext:owner': denied } },
            },
          ]),
    ],
  });
const whom = (whose?: string) => (whose === undefined ? {} : { Principal: { AWS: whose } });

function rows(keyPolicy: string, clientPolicy: string): RowSet {
  return new RowSet([
    [
      'keys',
      KEY,
      {
        ...{ spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT', origin: 'AWS_KMS', state: 'Enabled' },
        ...{ description: '', created: 1, current: VERSION },
      },
    ],
    ['key-versions', `${KEY}/${VERSION}`, { created: 1, rotation: null, wrapped: 'x' }],
    ['key-policies', KEY, { policy: keyPolicy }],
    ['clients', 'ci', { accessKeyId: 'KW1', secret: 'x', policy: clientPolicy, created: 1 }],
    ['access-keys', 'KW1', { client: 'ci' }],
  ]);
}

describe('denials of another backup that can not be joined with a policy', () => {
  const root = `arn:aws:iam::${ACCOUNT}:root`;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of a policy
  const variable = '${aws:username}';
  const here = () => rows(policyOf('2008-10-17', undefined, root), policyOf('2008-10-17'));
  const there = () => rows(policyOf('2012-10-17', variable, root), policyOf('2012-10-17', variable));

  it('let a restore give back neither key nor client', () => {
    const mine = here();
    const { changes, kept } = unite(mine, there(), { mode: 'restrictions', now: 5, account: ACCOUNT });
    expect(kept.map(({ kind }) => kind)).toEqual(['denial', 'denial']);
    expect(changes.map(({ kind }) => kind).sort()).toEqual(['client-revoked', 'disabled']);
    const all = [...mine.all()];
    const body = (room: string) => all.find(([one]) => one === room)?.[2];
    expect(body('keys')).toMatchObject({ state: 'Disabled' });
    expect(body('clients')).toMatchObject({ revoked: 5 });
    expect(body('clients')).not.toHaveProperty('secret');
    expect(body('access-keys')).toBeUndefined();
  });

  it('are told before a merge, which takes nothing away for them', () => {
    const mine = here();
    const { changes, kept } = unite(mine, there(), { mode: 'whole', now: 5, account: ACCOUNT });
    expect(kept.map(({ kind }) => kind)).toEqual(['denial', 'denial']);
    expect(changes).toEqual([]);
  });
});
