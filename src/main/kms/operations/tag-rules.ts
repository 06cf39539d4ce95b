import { awsError, type KeywardError } from '../../../shared/errors.ts';
import { tagConditions } from '../access/conditions.ts';
import type { Conditions } from '../access/facts.ts';
import type { KeyRow } from '../keys/row-schemas.ts';
import type { Tag } from '../types.ts';
import { requireLength } from '../validate.ts';

const MAX_TAGS = 50;

type Tags = NonNullable<KeyRow['tags']>;

/** Tags with others added; a tag key that is there already gets the new value. Throws `TagException`. */
export function withTags(before: Tags, added: readonly Tag[]): Tags {
  for (const [n, { TagKey, TagValue }] of added.entries()) {
    requireLength(`tags.${n + 1}.member.tagKey`, TagKey, 1, 128);
    requireLength(`tags.${n + 1}.member.tagValue`, TagValue, 0, 256);
    if (/^aws:/i.test(TagKey)) throw tagError('Tags beginning with aws: are reserved');
  }
  if (new Set(added.map(({ TagKey }) => TagKey)).size < added.length) throw tagError('Duplicate tag keys');
  const tags = new Map(before.map(({ key, value }) => [key, value]));
  for (const { TagKey, TagValue } of added) tags.set(TagKey, TagValue);
  if (tags.size > MAX_TAGS) throw tagError('Too many tags');
  return [...tags].map(([key, value]) => ({ key, value }));
}

/** What a request says of tags, for conditions of policies. */
export function tagRequestConditions(tags: readonly Tag[]): Conditions {
  const some = tags.slice(0, MAX_TAGS).map(({ TagKey, TagValue }) => ({ key: TagKey, value: TagValue }));
  if (some.length === 0) return {};
  return { ...tagConditions('aws:RequestTag', some), 'aws:TagKeys': some.map(({ key }) => key) };
}

function tagError(message: string): KeywardError {
  return awsError('TagException', message);
}
