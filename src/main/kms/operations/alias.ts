import { awsError } from '../../../shared/errors.ts';
import { typeOf } from '../../../shared/key-specs.ts';
import type { ReadTx, Tx } from '../../store/database.ts';
import { aliasArn, checkNewAliasName, parseKeyReference } from '../arn.ts';
import { type Core, findKey, findKeyById, lookUpKey } from '../core.ts';
import { invalid, noSuchAlias } from '../errors.ts';
import { type FoundKey, requireNotPending } from '../found-key.ts';
import type { AliasRow } from '../keys/row-schemas.ts';
import type { Operation, OperationRecord } from '../operation.ts';
import { SHORT_PAGES } from '../pagination.ts';
import { named } from '../request.ts';
import type { AliasEntry, Caller, PageInput, PageOutput } from '../types.ts';

const MAX_ALIASES = 50;

/** Which name, and which key it is to name. */
type CreateAliasInput = { readonly AliasName: string; readonly TargetKeyId: string };

/** `CreateAlias`. The target is named by id or key ARN, never by another alias. */
export function createAlias(core: Core, caller: Caller, input: CreateAliasInput): void {
  core.journal.change((tx, step) =>
    step(createAliasOperation(caller, input), (record) => createAliasIn(core, tx, record, input)),
  );
}

/**
 * `UpdateAlias`: points a name at another key of the same type and usage; the key that it leaves may be pending
 * deletion, the other not.
 */
export function updateAlias(core: Core, caller: Caller, input: CreateAliasInput): void {
  const operation = { ...createAliasOperation(caller, input), eventName: 'UpdateAlias' };
  core.journal.change((tx, step) =>
    step(operation, (record) => {
      authorizeAlias(core, tx, record, input.AliasName);
      const before = aliasNamed(core, tx, input.AliasName);
      const old = findKeyById(core, tx, record, before.target);
      const key = targetOf(core, tx, record, input);
      if (
        old !== undefined &&
        (typeOf(old.row.spec) !== typeOf(key.row.spec) || old.row.usage !== key.row.usage)
      ) {
        throw invalid(
          `Alias ${input.AliasName} cannot be changed from a key of type ${old.row.spec}, ${old.row.usage} to a key of type ${key.row.spec}, ${key.row.usage}.`,
        );
      }
      if (before.target !== key.id) checkRoom(core, tx, key);
      const updated = core.clock.now();
      core.rows.putAlias(tx, input.AliasName, { ...before, target: key.id, updated });
    }),
  );
}

/** `DeleteAlias`, in every state of its key. */
export function deleteAlias(core: Core, caller: Caller, input: { readonly AliasName: string }): void {
  const request = { aliasName: input.AliasName.slice(0, 256) };
  core.journal.change((tx, step) =>
    step({ caller, eventName: 'DeleteAlias', readOnly: false, request }, (record) => {
      authorizeAlias(core, tx, record, input.AliasName);
      findKeyById(core, tx, record, aliasNamed(core, tx, input.AliasName).target);
      core.rows.removeAlias(tx, input.AliasName);
    }),
  );
}

/** An alias is a resource of its own: whoever changes it needs to be allowed to change it and its keys. */
function authorizeAlias(core: Core, tx: ReadTx, record: OperationRecord, name: string): void {
  core.access.authorize(tx, record, { resource: aliasArn(core.vault, name.slice(0, 256)) });
}

/** The row of an alias. Throws as `checkNewAliasName` does, and `NotFoundException`. */
function aliasNamed(core: Core, tx: ReadTx, name: string): AliasRow {
  checkNewAliasName(name);
  const row = core.rows.alias(tx, name);
  if (row === undefined) throw noSuchAlias(aliasArn(core.vault, name));
  return row;
}

/** The key that an alias is to name. */
function targetOf(core: Core, tx: ReadTx, record: OperationRecord, input: CreateAliasInput): FoundKey {
  if (parseKeyReference(core.vault, input.TargetKeyId, 'targetKeyId').kind === 'alias') {
    throw invalid('Aliases must refer to keys. Not aliases');
  }
  const key = findKey(core, tx, record, input.TargetKeyId, { field: 'targetKeyId' });
  requireNotPending(key);
  return key;
}

/** `ListAliases`, sorted by name, 50 a page; with `KeyId`, only those of that key. */
export async function listAliases(
  core: Core,
  caller: Caller,
  input: PageInput & { readonly KeyId?: string },
): Promise<{ Aliases: AliasEntry[] } & PageOutput> {
  const request = input.KeyId === undefined ? {} : { keyId: named(input.KeyId) };
  const operation = { caller, eventName: 'ListAliases', readOnly: true, request };
  return core.journal.perform(operation, 'go-on', (tx, record) => {
    core.access.authorize(tx, record, {});
    const key = input.KeyId === undefined ? undefined : lookUpKey(core, tx, input.KeyId).key;
    if (key !== undefined) record.keyArns.push(key.arn);
    const from = (after: string, limit: number) =>
      key === undefined
        ? core.rows.aliasesAfter(tx, after, limit)
        : core.rows
            .aliases(tx, key.id)
            .filter(({ id }) => id > after)
            .slice(0, limit);
    const list = `ListAliases/${key?.id ?? ''}`;
    const { page, more } = core.pages.fetch(list, from, ({ id }) => id, input, SHORT_PAGES);
    const entries = page.map(({ id, body }) => ({
      AliasName: id,
      AliasArn: aliasArn(core.vault, id),
      TargetKeyId: body.target,
      CreationDate: new Date(body.created),
      LastUpdatedDate: new Date(body.updated),
    }));
    return { Aliases: entries, ...more };
  });
}

/** `CreateAlias` as the log has it. */
export function createAliasOperation(caller: Caller, input: CreateAliasInput): Operation {
  const request = {
    aliasName: input.AliasName.slice(0, 256),
    targetKeyId: named(input.TargetKeyId),
  };
  return { caller, eventName: 'CreateAlias', readOnly: false, request };
}

/** `CreateAlias` as a step of a change. Throws as `createAlias`. */
export function createAliasIn(core: Core, tx: Tx, record: OperationRecord, input: CreateAliasInput): void {
  authorizeAlias(core, tx, record, input.AliasName);
  checkFree(core, tx, input.AliasName);
  const key = targetOf(core, tx, record, input);
  checkRoom(core, tx, key);
  const now = core.clock.now();
  core.rows.putAlias(tx, input.AliasName, { target: key.id, created: now, updated: now });
}

function checkRoom(core: Core, tx: ReadTx, key: FoundKey): void {
  if (core.rows.aliases(tx, key.id).length < MAX_ALIASES) return;
  throw awsError(
    'LimitExceededException',
    `The key ${key.arn} has ${MAX_ALIASES} aliases already; no more are possible.`,
  );
}

/** Throws as `checkNewAliasName` does, and `AlreadyExistsException` for a name that is in use. */
export function checkFree(core: Core, tx: ReadTx, name: string): void {
  checkNewAliasName(name);
  if (core.rows.alias(tx, name) === undefined) return;
  throw awsError(
    'AlreadyExistsException',
    `An alias with the name ${aliasArn(core.vault, name)} already exists`,
  );
}
