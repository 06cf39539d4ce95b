import type { Tx } from '../../store/database.ts';
import { type Core, findKey, lookUpKey } from '../core.ts';
import { type FoundKey, requireNotPending } from '../found-key.ts';
import type { KeyRow } from '../keys/row-schemas.ts';
import type { Step } from '../operation.ts';
import { onKey } from '../request.ts';
import type { Caller, KeyIdInput, PageInput, PageOutput, Tag } from '../types.ts';
import { requireLength } from '../validate.ts';
import { tagRequestConditions, withTags } from './tag-rules.ts';

/** A key has no more tags than one page. */
const TAG_PAGES = { usual: 50, most: 50 };

/** Input of `TagResource`; a key has 50 tags at most. */
export type TagResourceInput = KeyIdInput & { readonly Tags: readonly Tag[] };

/** Input of `UntagResource`; tag keys that the key does not have are passed over. */
type UntagResourceInput = KeyIdInput & { readonly TagKeys: readonly string[] };

/** `TagResource`. */
export function tagResource(core: Core, caller: Caller, input: TagResourceInput): void {
  core.journal.change((tx, step) => tagIn(core, tx, step, caller, input));
}

/** `UntagResource`. */
export function untagResource(core: Core, caller: Caller, input: UntagResourceInput): void {
  core.journal.change((tx, step) => untagIn(core, tx, step, caller, input));
}

/**
 * Gives a key just these tags: `UntagResource` and `TagResource`, each only for what differs, both or neither. Returns
 * the key's id.
 */
export function replaceTags(core: Core, caller: Caller, input: TagResourceInput): string {
  return core.journal.change((tx, step) => {
    const { id: KeyId, row } = lookUpKey(core, tx, input.KeyId).key;
    const before = row.tags ?? [];
    const TagKeys = before
      .map(({ key }) => key)
      .filter((key) => input.Tags.every(({ TagKey }) => TagKey !== key));
    const Tags = input.Tags.filter(({ TagKey, TagValue }) =>
      before.every(({ key, value }) => key !== TagKey || value !== TagValue),
    );
    // What goes makes room first, for a key has 50 tags at most.
    if (TagKeys.length > 0) untagIn(core, tx, step, caller, { KeyId, TagKeys });
    if (Tags.length > 0) tagIn(core, tx, step, caller, { KeyId, Tags });
    return KeyId;
  });
}

function tagIn(core: Core, tx: Tx, step: Step, caller: Caller, input: TagResourceInput): void {
  const operation = onKey(caller, 'TagResource', input, false, {
    conditions: tagRequestConditions(input.Tags),
  });
  const tagKeys = input.Tags.slice(0, 50).map(({ TagKey }) => TagKey.slice(0, 128));
  step({ ...operation, request: { ...operation.request, tagKeys } }, (record) => {
    const key = findKey(core, tx, record, input.KeyId);
    requireNotPending(key);
    putTags(core, tx, key, withTags(key.row.tags ?? [], input.Tags));
  });
}

function untagIn(core: Core, tx: Tx, step: Step, caller: Caller, input: UntagResourceInput): void {
  const operation = onKey(caller, 'UntagResource', input, false, {
    // All of them: what is not shown here could not be denied.
    conditions: { 'aws:TagKeys': [...new Set(input.TagKeys)] },
  });
  const tagKeys = input.TagKeys.slice(0, 50).map((key) => key.slice(0, 128));
  step({ ...operation, request: { ...operation.request, tagKeys } }, (record) => {
    for (const [n, key] of input.TagKeys.entries()) requireLength(`tagKeys.${n + 1}.member`, key, 1, 128);
    const key = findKey(core, tx, record, input.KeyId);
    requireNotPending(key);
    const kept = (key.row.tags ?? []).filter((tag) => !input.TagKeys.includes(tag.key));
    putTags(core, tx, key, kept);
  });
}

/** `ListResourceTags`, sorted by tag key, 50 a page. */
export async function listResourceTags(
  core: Core,
  caller: Caller,
  input: KeyIdInput & PageInput,
): Promise<{ Tags: Tag[] } & PageOutput> {
  return core.journal.perform(onKey(caller, 'ListResourceTags', input, true), 'go-on', (tx, record) => {
    const key = findKey(core, tx, record, input.KeyId);
    const tags = (key.row.tags ?? []).toSorted((a, b) => (a.key < b.key ? -1 : 1));
    const { page, more } = core.pages.cut(
      `ListResourceTags/${key.id}`,
      tags,
      (tag) => tag.key,
      input,
      TAG_PAGES,
    );
    return { Tags: page.map(({ key: TagKey, value: TagValue }) => ({ TagKey, TagValue })), ...more };
  });
}

function putTags(core: Core, tx: Tx, key: FoundKey, tags: NonNullable<KeyRow['tags']>): void {
  const { tags: _before, ...row } = key.row;
  core.rows.putKey(tx, key.id, tags.length === 0 ? row : { ...row, tags });
}
