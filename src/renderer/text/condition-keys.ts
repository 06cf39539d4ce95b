import { ownValue } from './own-property.ts';

/** Operators of conditions in words, as they stand between a fact and its values. */
export const OPERATORS: { readonly [operator: string]: string } = {
  StringEquals: 'is',
  StringNotEquals: 'is not',
  StringEqualsIgnoreCase: 'is, in any case,',
  StringNotEqualsIgnoreCase: 'is not, in any case,',
  StringLike: 'is like',
  StringNotLike: 'is not like',
  ArnEquals: 'is like',
  ArnLike: 'is like',
  ArnNotEquals: 'is not like',
  ArnNotLike: 'is not like',
  NumericEquals: 'is',
  NumericNotEquals: 'is not',
  NumericLessThan: 'is less than',
  NumericLessThanEquals: 'is at most',
  NumericGreaterThan: 'is more than',
  NumericGreaterThanEquals: 'is at least',
  DateEquals: 'is',
  DateNotEquals: 'is not',
  DateLessThan: 'is before',
  DateLessThanEquals: 'is not after',
  DateGreaterThan: 'is after',
  DateGreaterThanEquals: 'is not before',
  Bool: 'is',
  BinaryEquals: 'is',
};

const FACTS: { readonly [key: string]: string } = {
  'keyward:secondssinceunlock': 'the number of seconds since unlocking',
  'keyward:client': 'the way it comes (window, cli or sdk)',
  'aws:currenttime': 'the time',
  'aws:epochtime': 'the number of seconds since 1970',
  'aws:username': 'the user’s name',
  'aws:principalarn': 'who asks',
  'aws:sourceip': 'the address it comes from',
  'kms:encryptioncontextkeys': 'the names of context pairs',
  'kms:keyspec': 'the kind of key',
  'kms:keyusage': 'what the key is for',
  'kms:requestalias': 'the name that the key is asked for by',
  'kms:resourcealiases': 'the names of the key',
  'kms:grantoperations': 'what the grant allows',
  'kms:granteeprincipal': 'whom the grant is for',
  'kms:schedulekeydeletionpendingwindowindays': 'the days until deletion',
};

/** What a condition key stands for, in words. */
export function conditionKeyText(key: string): string {
  const known = ownValue(FACTS, key.toLowerCase());
  if (known !== undefined) return known;
  const [, context] = /^kms:EncryptionContext:(.+)$/i.exec(key) ?? [];
  if (context !== undefined) return `the context pair “${context}”`;
  const [, tag] = /^aws:ResourceTag\/(.+)$/i.exec(key) ?? [];
  return tag === undefined ? key : `the key’s tag “${tag}”`;
}
