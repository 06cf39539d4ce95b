import { grantable } from '../../shared/grant-operations.ts';
import type { KeyKind } from '../../shared/key-specs.ts';

/** A statement to begin with. `make` takes the policy as it stands, for its account, and the key's kind. */
type Template = {
  readonly id: string;
  readonly word: string;
  readonly make: (policy: string, key: KeyKind) => object;
};

const accountOf = (policy: string) => /arn:aws:iam::(\d{12}):/.exec(policy)?.[1] ?? '000000000000';
const userOf = (policy: string, name: string) => `arn:aws:iam::${accountOf(policy)}:user/${name}`;

/** Statements that people want most. */
export const TEMPLATES: readonly Template[] = [
  {
    id: 'use',
    word: 'Let a client use the key',
    make: (policy, key) => ({
      Sid: 'Use',
      Effect: 'Allow',
      Principal: { AWS: userOf(policy, 'NAME') },
      Action: grantable(key)
        .filter((name) => !/Grant$/.test(name))
        .map((name) => `kms:${name}`),
      Resource: '*',
    }),
  },
  {
    id: 'keep',
    word: 'Nobody deletes the key',
    make: () => ({
      Sid: 'Keep',
      Effect: 'Deny',
      Principal: '*',
      Action: ['kms:ScheduleKeyDeletion', 'kms:DeleteImportedKeyMaterial'],
      Resource: '*',
    }),
  },
  {
    id: 'fresh',
    word: 'Opening only within 5 minutes of unlocking',
    make: () => ({
      Sid: 'Fresh',
      Effect: 'Deny',
      Principal: '*',
      Action: 'kms:Decrypt',
      Resource: '*',
      Condition: { NumericGreaterThan: { 'keyward:SecondsSinceUnlock': '300' } },
    }),
  },
  {
    id: 'window',
    word: 'Nobody but the window',
    make: () => ({
      Sid: 'WindowOnly',
      Effect: 'Deny',
      Principal: '*',
      Action: 'kms:*',
      Resource: '*',
      Condition: { StringNotEquals: { 'keyward:Client': 'window' } },
    }),
  },
];

/** A policy with one more statement at its end, written out in lines. */
export function withStatement(policy: string, statement: object): string {
  const document = JSON.parse(policy) as { readonly Statement?: unknown };
  const before = Array.isArray(document.Statement) ? document.Statement : [document.Statement];
  return JSON.stringify({ ...document, Statement: [...before, statement] }, null, 2);
}
