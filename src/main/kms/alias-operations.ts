import { KeywardError } from '../../shared/errors.ts';
import type { ReadTx, Tx } from '../store/database.ts';
import { aliasArn, checkNewAliasName, parseKeyReference } from './arn.ts';
import { type Core, findKey } from './core.ts';
import type { Note, Operation } from './journal.ts';
import { createKeyIn, createKeyOperation } from './key-operations.ts';
import { named } from './request.ts';
import type { AliasEntry, Caller, CreateKeyInput, KeyMetadata, PageInput, PageOutput } from './types.ts';

const MAX_ALIASES = 50;

type CreateAliasInput = { readonly AliasName: string; readonly TargetKeyId: string };

/** `CreateAlias`. The target is named by id or key ARN, never by another alias. */
export function createAlias(core: Core, caller: Caller, input: CreateAliasInput): void {
  core.journal.change((tx, step) =>
    step(createAliasOperation(caller, input), (note) => createAliasIn(core, tx, note, input)),
  );
}

/** `CreateKey` and `CreateAlias` in one transaction: a key that could not get its name is not made. */
export function createNamedKey(
  core: Core,
  caller: Caller,
  input: CreateKeyInput & { readonly AliasName: string },
): { KeyMetadata: KeyMetadata } {
  return core.journal.change((tx, step) => {
    const made = step(createKeyOperation(caller, input), (note) => {
      checkFree(core, tx, input.AliasName);
      return createKeyIn(core, tx, note, input);
    });
    const alias = { AliasName: input.AliasName, TargetKeyId: made.KeyId };
    step(createAliasOperation(caller, alias), (note) => createAliasIn(core, tx, note, alias));
    return { KeyMetadata: made };
  });
}

/** `ListAliases`, sorted by name, 50 a page; with `KeyId`, only those of that key. */
export async function listAliases(
  core: Core,
  caller: Caller,
  input: PageInput & { readonly KeyId?: string },
): Promise<{ Aliases: AliasEntry[] } & PageOutput> {
  const request = input.KeyId === undefined ? {} : { keyId: named(input.KeyId) };
  const operation = { caller, eventName: 'ListAliases', readOnly: true, request };
  return core.journal.perform(operation, 'go-on', (tx, note) => {
    const key = input.KeyId === undefined ? undefined : findKey(core, tx, note, input.KeyId);
    const aliases = core.rows.aliases(tx, key?.id);
    const list = `ListAliases/${key?.id ?? ''}`;
    const { page, more } = core.pages.cut(list, aliases, ({ id }) => id, input, 50);
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

function createAliasOperation(caller: Caller, input: CreateAliasInput): Operation {
  const request = {
    aliasName: input.AliasName.slice(0, 256),
    targetKeyId: named(input.TargetKeyId),
  };
  return { caller, eventName: 'CreateAlias', readOnly: false, request };
}

function createAliasIn(core: Core, tx: Tx, note: Note, input: CreateAliasInput): void {
  checkFree(core, tx, input.AliasName);
  if (parseKeyReference(core.vault, input.TargetKeyId, 'targetKeyId').kind === 'alias') {
    throw new KeywardError('ValidationException', 'Aliases must refer to keys. Not aliases');
  }
  const key = findKey(core, tx, note, input.TargetKeyId, 'targetKeyId');
  if (core.rows.aliases(tx, key.id).length >= MAX_ALIASES) {
    throw new KeywardError(
      'LimitExceededException',
      `The key ${key.arn} has ${MAX_ALIASES} aliases already; no more are possible.`,
    );
  }
  const now = core.clock.now();
  core.rows.putAlias(tx, input.AliasName, { target: key.id, created: now, updated: now });
}

function checkFree(core: Core, tx: ReadTx, name: string): void {
  checkNewAliasName(name);
  if (core.rows.alias(tx, name) === undefined) return;
  throw new KeywardError(
    'AlreadyExistsException',
    `An alias with the name ${aliasArn(core.vault, name)} already exists`,
  );
}
