/** A key's name for people, from its first alias: `alias/my-files` is "My files". */
export function keyName(key: { readonly aliases: readonly string[]; readonly keyId: string }): string {
  const alias = key.aliases[0];
  if (alias === undefined) return key.keyId;
  const plain = alias
    .replace(/^alias\//, '')
    .replaceAll(/[-_]+/g, ' ')
    .trim();
  return plain === '' ? alias : plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** An alias from what somebody types: "Tax papers" is `alias/tax-papers`. Empty when nothing is left. */
export function aliasFor(typed: string): string {
  const plain = typed
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9/_-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return plain === '' ? '' : `alias/${plain}`;
}

/** Whether files can be encrypted under a key: symmetric ones only. */
export function isForFiles({ spec }: { readonly spec: string }): boolean {
  return spec === 'SYMMETRIC_DEFAULT';
}

/** What a state means. */
export const STATES = {
  Enabled: { word: 'Ready', tone: 'good' },
  Disabled: { word: 'Disabled', tone: 'warn' },
  PendingDeletion: { word: 'To be deleted', tone: 'bad' },
  PendingImport: { word: 'Without material', tone: 'warn' },
  Unavailable: { word: 'Unavailable', tone: 'bad' },
} as const;
