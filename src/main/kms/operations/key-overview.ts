import type { ReadTx } from '../../store/database.ts';
import { parseKeyReference } from '../arn.ts';
import { type Core, findKey, metadataOf } from '../core.ts';
import type { FoundKey } from '../found-key.ts';
import { importFactsOf } from '../keys/imported-key.ts';
import type { AliasRow, KeyRow, VersionRow } from '../keys/row-schemas.ts';
import { onKey } from '../request.ts';
import type { Caller, KeyIdInput, KeyOverview, Tag } from '../types.ts';

type Version = { readonly id: string; readonly body: VersionRow };

/** All keys with aliases and versions, oldest first: what a face lists, in one look and one `ListKeys` entry. */
export async function overviewOfAll(core: Core, caller: Caller): Promise<KeyOverview[]> {
  const operation = { caller, eventName: 'ListKeys', readOnly: true, request: {} };
  return core.journal.perform(operation, 'go-on', (tx, record) => {
    core.access.authorize(tx, record, {});
    const names = new Map<string, string[]>();
    for (const { id, body } of bySeniority(core.rows.aliases(tx))) {
      names.set(body.target, [...(names.get(body.target) ?? []), id]);
    }
    const versions = core.rows.versionsOfAll(tx);
    return core.rows
      .keys(tx)
      .sort((a, b) => a.body.created - b.body.created)
      .map(({ id, body }) =>
        overviewOf(
          core,
          { id, row: core.expiry.seen(id, body) },
          names.get(id) ?? [],
          versions.get(id) ?? core.rows.versions(tx, id),
        ),
      );
  });
}

/** One key with aliases and versions; logged as `DescribeKey`. */
export async function overview(core: Core, caller: Caller, input: KeyIdInput): Promise<KeyOverview> {
  return core.journal.perform(onKey(caller, 'DescribeKey', input, true), 'go-on', (tx, record) =>
    overviewIn(core, tx, findKey(core, tx, record, input.KeyId)),
  );
}

/** As `overview`, of a key that was found. */
export function overviewIn(core: Core, tx: ReadTx, key: FoundKey): KeyOverview {
  const aliases = bySeniority(core.rows.aliases(tx, key.id)).map((alias) => alias.id);
  return overviewOf(core, key, aliases, core.rows.versions(tx, key.id));
}

function overviewOf(
  core: Core,
  { id, row }: Pick<FoundKey, 'id' | 'row'>,
  aliases: readonly string[],
  versions: readonly Version[],
): KeyOverview {
  return {
    metadata: metadataOf(core, id, row),
    ...rotationOf(row),
    aliases,
    tags: tagsOf(row),
    versions: versionsOf(core, row, versions),
  };
}

/** The alias that a key has had longest; `undefined` if it has none, or is not there any more. */
export function firstAlias(core: Core, tx: ReadTx, arn: string): string | undefined {
  const reference = parseKeyReference(core.vault, arn);
  return reference.kind === 'key' ? bySeniority(core.rows.aliases(tx, reference.id))[0]?.id : reference.name;
}

/** The name that a key has had longest comes first: faces call the key by it, and one more name renames nothing. */
function bySeniority(aliases: { id: string; body: AliasRow }[]): { id: string; body: AliasRow }[] {
  return aliases.sort((a, b) => a.body.updated - b.body.updated);
}

function rotationOf({ rotation, state }: KeyRow): Pick<KeyOverview, 'rotation'> {
  if (rotation === undefined || state === 'PendingDeletion') return {};
  return { rotation: { days: rotation.days, next: new Date(rotation.next) } };
}

function tagsOf({ tags = [] }: KeyRow): readonly Tag[] {
  return tags.map(({ key: TagKey, value: TagValue }) => ({ TagKey, TagValue }));
}

function versionsOf(core: Core, { current, external }: KeyRow, versions: readonly Version[]) {
  if (external?.begun === false) return [];
  return versions.map(({ id, body }) => ({
    KeyMaterialId: id,
    CreationDate: new Date(body.created),
    current: id === current,
    rotation: body.rotation,
    ...(body.exported === undefined ? {} : { exported: new Date(body.exported) }),
    ...(body.disabled === undefined ? {} : { disabled: new Date(body.disabled) }),
    ...(external === undefined ? {} : { imported: importFactsOf(body, core.clock.now()) }),
    ...(id === external?.pending?.version ? { pendingRotation: true as const } : {}),
  }));
}
