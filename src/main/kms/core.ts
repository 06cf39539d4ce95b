import type { Clock } from '../../shared/clock.ts';
import { isKeywardError } from '../../shared/errors.ts';
import { algorithmsOf } from '../../shared/key-specs.ts';
import { wipe } from '../crypto/bytes.ts';
import type { ReadTx } from '../store/database.ts';
import type { Authorizer } from './access/authorizer.ts';
import type { GrantRows } from './access/grant-rows.ts';
import type { GrantTokens } from './access/grant-tokens.ts';
import type { PolicyRows } from './access/policy-rows.ts';
import type { AuthorizationRequest } from './access/request.ts';
import { aliasArn, keyArn, parseKeyReference } from './arn.ts';
import { damagedRow, isVersionDisabled, noSuchAlias, noSuchKey } from './errors.ts';
import type { FoundKey } from './found-key.ts';
import type { Journal } from './journal.ts';
import type { Expiry } from './keys/expiry.ts';
import type { ImportTokens } from './keys/import-token.ts';
import { expirationOf } from './keys/imported-key.ts';
import type { KeyRows } from './keys/key-store.ts';
import type { MaterialPrints } from './keys/material-prints.ts';
import type { Materials } from './keys/material-wrapping.ts';
import { type KeyRow, versionName } from './keys/row-schemas.ts';
import type { Operation, OperationRecord } from './operation.ts';
import type { Pages } from './pagination.ts';
import type { KeyMetadata, KeyVault } from './types.ts';

/** What every operation stands on. */
export type Core = {
  readonly vault: KeyVault;
  readonly rows: KeyRows;
  readonly policies: PolicyRows;
  readonly grants: GrantRows;
  readonly tokens: GrantTokens;
  readonly access: Authorizer;
  readonly materials: Materials;
  readonly prints: MaterialPrints;
  readonly journal: Journal;
  readonly pages: Pages;
  readonly importTokens: ImportTokens;
  readonly expiry: Expiry;
  readonly clock: Clock;
};

/** How a key is looked for. `field` names the input in errors; the rest is asked for if it is not the operation's. */
export type KeyLookup = { readonly field?: string } & Partial<
  Pick<AuthorizationRequest, 'action' | 'encryptionContext' | 'conditions'>
>;

/**
 * Finds a key by id, key ARN, alias name or alias ARN, notes it for the log, and asks whether the caller may do
 * to it what the operation does. Throws `NotFoundException`, `InvalidArnException`, `ValidationException`,
 * `AccessDeniedException`, `InvalidGrantTokenException`, `VaultDamaged`.
 */
export function findKey(
  core: Core,
  tx: ReadTx,
  record: OperationRecord,
  text: string,
  lookup: KeyLookup = {},
): FoundKey {
  const { field, ...ask } = lookup;
  const { key, alias } = lookUpKey(core, tx, text, field);
  record.keyArns.push(key.arn);
  core.access.authorize(tx, record, { ...ask, key, alias });
  return key;
}

/** As `findKey`, by id; `undefined` if there is no such key. */
export function findKeyById(
  core: Core,
  tx: ReadTx,
  record: OperationRecord,
  id: string,
  ask: Omit<KeyLookup, 'field'> = {},
): FoundKey | undefined {
  const key = keyById(core, tx, id);
  if (key === undefined) return undefined;
  record.keyArns.push(key.arn);
  core.access.authorize(tx, record, { ...ask, key });
  return key;
}

/** Finds a key, and the alias that it was named by, without asking anybody. */
export function lookUpKey(
  core: Core,
  tx: ReadTx,
  text: string,
  field?: string,
): { readonly key: FoundKey; readonly alias: string | undefined } {
  const reference = parseKeyReference(core.vault, text, field);
  const id = reference.kind === 'key' ? reference.id : targetOf(core, tx, reference.name);
  const key = keyById(core, tx, id);
  if (key === undefined) throw noSuchKey(keyArn(core.vault, id));
  return { key, alias: reference.kind === 'alias' ? reference.name : undefined };
}

function targetOf(core: Core, tx: ReadTx, name: string): string {
  const alias = core.rows.alias(tx, name);
  if (alias === undefined) throw noSuchAlias(aliasArn(core.vault, name));
  return alias.target;
}

/** The key of that name; `undefined` if there is none: the operation that needs it reports that. */
export function knownKey(core: Core, tx: ReadTx, keyId: string): FoundKey | undefined {
  try {
    return lookUpKey(core, tx, keyId).key;
  } catch (error) {
    if (isKeywardError(error, 'NotFoundException', 'InvalidArnException', 'ValidationException'))
      return undefined;
    throw error;
  }
}

/**
 * Whether a call would be allowed as things stand: asked before slow work without side effects,
 * so that nobody unauthorized can cause it. The operation asks again, and that decision counts.
 */
export function wouldAuthorize(
  core: Core,
  { caller, eventName, access }: Operation,
  keyId?: string,
): boolean {
  return core.journal.look((tx) => {
    try {
      const named = keyId === undefined ? {} : lookUpKey(core, tx, keyId);
      return core.access.decide(tx, { ...access, ...named, caller, action: `kms:${eventName}` }).allowed;
    } catch (error) {
      // The operation itself says what is wrong with the name.
      if (isKeywardError(error)) return false;
      throw error;
    }
  });
}

/** The key of an id, without asking anybody; `undefined` if there is none. */
export function keyById(core: Core, tx: ReadTx, id: string): FoundKey | undefined {
  const row = core.rows.key(tx, id);
  if (row === undefined) return undefined;
  return { id, arn: keyArn(core.vault, id), row: core.expiry.seen(id, row) };
}

/**
 * Runs `use` with the material of one version and wipes it; `undefined` if the key has no such version or not its
 * material. Throws `DisabledException` for a version that is disabled.
 */
export function withMaterial<T>(
  core: Core,
  tx: ReadTx,
  key: FoundKey,
  versionId: string,
  use: (material: Buffer) => T,
): T | undefined {
  const version = core.rows.version(tx, key.id, versionId);
  if (version?.wrapped === undefined) return undefined;
  if (version.disabled !== undefined) throw isVersionDisabled(key.arn, versionId);
  const material = core.materials.open({ keyId: key.id, versionId, key: key.row }, version.wrapped);
  try {
    return use(material);
  } finally {
    wipe(material);
  }
}

/** As `withMaterial`, with the key's current version, which must exist. */
export function withCurrent<T>(core: Core, tx: ReadTx, key: FoundKey, use: (material: Buffer) => T): T {
  const answer = withMaterial(core, tx, key, key.row.current, (material) => ({ value: use(material) }));
  if (answer === undefined) throw damagedRow(`key-versions/${versionName(key.id, key.row.current)}`);
  return answer.value;
}

/** The key as AWS describes it. */
export function metadataOf(core: Core, id: string, row: KeyRow): KeyMetadata {
  return {
    AWSAccountId: core.vault.account,
    KeyId: id,
    Arn: keyArn(core.vault, id),
    CreationDate: new Date(row.created),
    Enabled: row.state === 'Enabled',
    Description: row.description,
    KeyUsage: row.usage,
    KeyState: row.state,
    Origin: row.origin,
    KeyManager: row.manager ?? 'CUSTOMER',
    CustomerMasterKeySpec: row.spec,
    KeySpec: row.spec,
    ...algorithmsOf(row.spec, row.usage),
    MultiRegion: false,
    ...(row.deletion === undefined ? {} : { DeletionDate: new Date(row.deletion.date) }),
    ...(row.external === undefined || row.state === 'PendingImport'
      ? {}
      : expirationOf(row.external.expires)),
    ...(row.spec === 'SYMMETRIC_DEFAULT' && row.external?.begun !== false
      ? { CurrentKeyMaterialId: row.current }
      : {}),
  };
}
