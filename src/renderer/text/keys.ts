import type { KeySummary } from '../../shared/contract.ts';

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

/** Whether a key can be changed: not while it is to be deleted, and never one that the vault manages itself. */
export function isChangeable({ state, managed }: Pick<KeySummary, 'state' | 'managed'>): boolean {
  return state !== 'PendingDeletion' && managed !== true;
}

/** What a state means. */
export const STATES = {
  Enabled: { word: 'Ready', tone: 'good' },
  Disabled: { word: 'Disabled', tone: 'warn' },
  PendingDeletion: { word: 'To be deleted', tone: 'bad' },
  PendingImport: { word: 'Without material', tone: 'warn' },
} as const;
