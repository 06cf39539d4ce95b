import { awsError } from '../../shared/errors.ts';
import { uuidBytes } from '../crypto/bytes.ts';
import { noSuchAlias, noSuchKey } from './errors.ts';
import type { KeyVault } from './types.ts';
import { requireLength, requirePattern } from './validate.ts';

/** A key named by its id or by an alias, ARNs taken apart. */
type KeyReference =
  | { readonly kind: 'key'; readonly id: string }
  | { readonly kind: 'alias'; readonly name: string };

/** The id of a multi-region key, of which there are none. */
const MULTI_REGION = /^mrk-[0-9a-f]{32}$/;

/** The ARN of a key. */
export function keyArn(vault: KeyVault, id: string): string {
  return `arn:aws:kms:${vault.region}:${vault.account}:key/${id}`;
}

/** The ARN of an alias; `name` starts with `alias/`. */
export function aliasArn(vault: KeyVault, name: string): string {
  return `arn:aws:kms:${vault.region}:${vault.account}:${name}`;
}

/**
 * Takes a key's id, ARN, alias name or alias ARN apart, without looking whether it exists. Throws
 * `ValidationException`, `InvalidArnException`, or `NotFoundException` for what can't be in this vault.
 */
export function parseKeyReference(vault: KeyVault, text: string, field = 'keyId'): KeyReference {
  requireLength(field, text, 1, 2_048);
  if (text.startsWith('arn:')) return parseArn(vault, text);
  return parseName(text);
}

function parseArn(vault: KeyVault, text: string): KeyReference {
  const [, region, account, name] = /^arn:aws:kms:([^:]*):([^:]*):((?:key|alias)\/.+)$/s.exec(text) ?? [];
  if (region === undefined || account === undefined || name === undefined) {
    throw awsError('InvalidArnException', `Invalid arn ${text}`);
  }
  if (region !== vault.region) throw awsError('NotFoundException', `Invalid arn ${region}`);
  if (account !== vault.account) throw name.startsWith('key/') ? noSuchKey(text) : noSuchAlias(text);
  return parseName(name.startsWith('key/') ? name.slice('key/'.length) : name);
}

function parseName(text: string): KeyReference {
  if (text.startsWith('alias/')) return { kind: 'alias', name: text };
  if (uuidBytes(text) !== undefined || MULTI_REGION.test(text)) return { kind: 'key', id: text };
  throw awsError('NotFoundException', `Invalid keyId '${text}'`);
}

const PREFIX = 'alias/';
const RESERVED = ['alias/aws/', 'alias/keyward/'] as const;

/**
 * Whether a name may be given to a new alias: `alias/` and 1–250 of letters, digits, `/`, `_`, `-`; nothing under
 * `alias/aws/` and `alias/keyward/`. Throws `ValidationException` or `InvalidAliasNameException`.
 */
export function checkNewAliasName(name: string): void {
  requireLength('aliasName', name, 1, 256);
  if (!name.startsWith(PREFIX)) {
    throw awsError(
      'ValidationException',
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    );
  }
  requirePattern('aliasName', name, /^[a-zA-Z0-9:/_-]+$/);
  if (name.includes(':') || name === PREFIX) {
    throw awsError('ValidationException', `${name} contains invalid characters for an alias`);
  }
  const reserved = RESERVED.find((prefix) => name.startsWith(prefix) || name === prefix.slice(0, -1));
  if (reserved !== undefined) {
    throw awsError(
      'InvalidAliasNameException',
      `Alias names that start with "${reserved}" are reserved. Choose another name.`,
    );
  }
}
