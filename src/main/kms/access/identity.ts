import type { ReadTx } from '../../store/database.ts';
import type { KeyRows } from '../keys/key-store.ts';
import type { IdentityPolicy } from '../policy/evaluate.ts';
import { readPolicy } from './policy-rows.ts';

const allow = (name: string, actions: readonly string[]) => ({
  name,
  text: JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Sid: name, Effect: 'Allow', Action: actions, Resource: '*' }],
  }),
});

const EVERYTHING = allow('Everything', ['kms:*', 'keyward:*']);
const ALL_OF_KMS = allow('AllOfKms', ['kms:*']);
const LOOKS = [
  'kms:DescribeKey',
  'kms:GetKeyLastUsage',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:GetPublicKey',
  'kms:List*',
  'keyward:ReadAudit',
  'keyward:ReadCatalog',
  'keyward:ReadJobs',
  'keyward:ReadSettings',
];
const OPERATOR = allow('Operator', [
  ...LOOKS,
  'keyward:ManageJobs',
  'kms:Decapsulate',
  'kms:Decrypt',
  'kms:DeriveSharedSecret',
  'kms:Encapsulate',
  'kms:Encrypt',
  'kms:GenerateDataKey*',
  'kms:GenerateMac',
  'kms:GenerateRandom',
  'kms:ReEncrypt*',
  'kms:Sign',
  'kms:Verify',
  'kms:VerifyMac',
]);
const AUDITOR = allow('Auditor', [...LOOKS, 'keyward:ListClients']);

/** Principals that are always there: the faces, what they can step down to, and the test endpoint without signatures. */
const OWN: { readonly [name: string]: { readonly name: string; readonly text: string } } = {
  owner: EVERYTHING,
  cli: EVERYTHING,
  operator: OPERATOR,
  auditor: AUDITOR,
  'unsigned-test': ALL_OF_KMS,
};

/** User names that no client of the endpoint can have. */
export const RESERVED_USERS: readonly string[] = ['root', ...Object.keys(OWN)];

/** The ARN of a user of this vault. */
export function userArn(account: string, name: string): string {
  return `arn:aws:iam::${account}:user/${name}`;
}

/** People write `clerk` where AWS wants a user's ARN; ARNs stay as they are. */
export function principalArn(account: string, text: string): string {
  return text.startsWith('arn:') ? text : userArn(account, text);
}

/** The ARN of the account itself, in whose name the vault acts by itself. */
export function rootArn(account: string): string {
  return `arn:aws:iam::${account}:root`;
}

/**
 * Whether a policy or grant may name a principal: one of another account, about which nothing is known here, the
 * account itself, or a user that is there. Groups are no principals, and roles a vault has none of.
 */
export function mayBeNamed(rows: KeyRows, tx: ReadTx, account: string, principal: string): boolean {
  const [, of, name = ''] = /^arn:aws:(?:iam|sts)::(\d{12}):(.+)$/.exec(principal) ?? [];
  if (name.startsWith('group/')) return false;
  if (of !== account || name === 'root') return true;
  const user = principal.startsWith(userArn(account, '')) ? name.slice('user/'.length) : '';
  const client = Object.hasOwn(OWN, user) ? undefined : rows.client(tx, user);
  return Object.hasOwn(OWN, user) || (client !== undefined && client.revoked === undefined);
}

/** The policies of a principal; none for one that is not known here. Throws `VaultDamaged`. */
export function identityPoliciesOf(
  rows: KeyRows,
  tx: ReadTx,
  account: string,
  principal: string,
): IdentityPolicy[] {
  const prefix = userArn(account, '');
  if (!principal.startsWith(prefix)) return [];
  const user = principal.slice(prefix.length);
  const own = Object.hasOwn(OWN, user) ? OWN[user] : undefined;
  if (own !== undefined) return [read(own.name, own.text)];
  const client = rows.client(tx, user);
  if (client === undefined || client.revoked !== undefined) return [];
  return client.policy === null ? [read(ALL_OF_KMS.name, ALL_OF_KMS.text)] : [read(user, client.policy)];
}

function read(name: string, text: string): IdentityPolicy {
  return { name, policy: readPolicy(text, 'identity') };
}
