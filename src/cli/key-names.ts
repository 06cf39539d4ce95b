import { escapeText } from '../shared/safe-text.ts';

/** A key as people call it: its first alias without "alias/", else its id. */
export function keyName(key: { readonly aliases: readonly string[]; readonly keyId: string }): string {
  const [alias] = key.aliases;
  return alias === undefined ? key.keyId : shortReference(alias);
}

/** A key reference without what says nothing to people: "alias/", the front of an ARN. */
export function shortReference(reference: string): string {
  return reference.replace(/^arn:[^/]*?:(?=alias\/|key\/)/, '').replace(/^(alias|key)\//, '');
}

/** The first 12 digits of a version's id, enough to tell versions apart by eye. */
export function shortVersion(version: string): string {
  return version.slice(0, 12);
}

/** The first eight digits of a key's id, from its ARN: what a log has room for. */
export function shortKey(arn: string): string {
  return escapeText(shortReference(arn)).slice(0, 8);
}
