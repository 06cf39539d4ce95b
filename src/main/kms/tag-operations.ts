import type { Tx } from '../store/database.ts';
import { type Core, type FoundKey, findKey, requireNotPending } from './core.ts';
import { onKey } from './request.ts';
import type { KeyRow } from './rows.ts';
import { tagRequestConditions, withTags } from './tags.ts';
import type { Caller, KeyIdInput, PageInput, PageOutput, Tag } from './types.ts';
import { requireLength } from './validate.ts';

/** `TagResource`; 50 tags at most. */
export function tagResource(
  core: Core,
  caller: Caller,
  input: KeyIdInput & { readonly Tags: readonly Tag[] },
): void {
  const operation = onKey(caller, 'TagResource', input, false, {
    conditions: tagRequestConditions(input.Tags),
  });
  const tagKeys = input.Tags.slice(0, 50).map(({ TagKey }) => TagKey.slice(0, 128));
  core.journal.change((tx, step) =>
    step({ ...operation, request: { ...operation.request, tagKeys } }, (note) => {
      const key = findKey(core, tx, note, input.KeyId);
      requireNotPending(key);
      putTags(core, tx, key, withTags(key.row.tags ?? [], input.Tags));
    }),
  );
}

/** `UntagResource`; tag keys that the key does not have are passed over. */
export function untagResource(
  core: Core,
  caller: Caller,
  input: KeyIdInput & { readonly TagKeys: readonly string[] },
): void {
  const operation = onKey(caller, 'UntagResource', input, false, {
    // All of them: what is not shown here could not be denied.
    conditions: { 'aws:TagKeys': [...new Set(input.TagKeys)] },
  });
  const tagKeys = input.TagKeys.slice(0, 50).map((key) => key.slice(0, 128));
  core.journal.change((tx, step) =>
    step({ ...operation, request: { ...operation.request, tagKeys } }, (note) => {
      for (const [n, key] of input.TagKeys.entries()) requireLength(`tagKeys.${n + 1}.member`, key, 1, 128);
      const key = findKey(core, tx, note, input.KeyId);
      requireNotPending(key);
      putTags(
        core,
        tx,
        key,
        (key.row.tags ?? []).filter((tag) => !input.TagKeys.includes(tag.key)),
      );
    }),
  );
}

/** `ListResourceTags`, sorted by tag key, 50 a page. */
export async function listResourceTags(
  core: Core,
  caller: Caller,
  input: KeyIdInput & PageInput,
): Promise<{ Tags: Tag[] } & PageOutput> {
  return core.journal.perform(onKey(caller, 'ListResourceTags', input, true), 'go-on', (tx, note) => {
    const key = findKey(core, tx, note, input.KeyId);
    const tags = (key.row.tags ?? []).toSorted((a, b) => (a.key < b.key ? -1 : 1));
    const { page, more } = core.pages.cut(`ListResourceTags/${key.id}`, tags, (tag) => tag.key, input, 50);
    return { Tags: page.map(({ key: TagKey, value: TagValue }) => ({ TagKey, TagValue })), ...more };
  });
}

function putTags(core: Core, tx: Tx, key: FoundKey, tags: NonNullable<KeyRow['tags']>): void {
  const { tags: _before, ...row } = key.row;
  core.rows.putKey(tx, key.id, tags.length === 0 ? row : { ...row, tags });
}
