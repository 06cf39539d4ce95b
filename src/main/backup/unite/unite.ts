import { aliasRow } from '../../kms/keys/row-schemas.ts';
import { uniteAccess } from './access.ts';
import { uniteKeys } from './keys.ts';
import { uniteLogs } from './logs.ts';
import { uniteRecoverySets } from './recovery.ts';
import type { RowSet } from './row-set.ts';
import type { Union, UnionMode } from './union.ts';

/** Rooms of rows that are united. All others are an installation's own, or follow from these. */
export const UNITED_ROOMS: readonly string[] = [
  'access-keys',
  'aliases',
  'clients',
  'ended-recovery-sets',
  'former-logs',
  'former-uses',
  'grants',
  'key-policies',
  'key-versions',
  'keys',
  'message-key-uses',
  'recovery-recipients',
  'revoked-grants',
  'settings',
  'shredded-keys',
];

/**
 * Unites two vaults' rows in `here`: of versions all, the latest is current; marks of shredded keys, pending deletions,
 * disabled states, denials, revocations and ended recovery sets of either side hold; policies, grants, clients, aliases and settings that
 * differ are told. What stands `there` under another root key has to be under that of `here` already. Throws `ZodError`
 * for a row that is not of its room's shape.
 */
export function unite(
  here: RowSet,
  there: RowSet,
  { mode, now, account }: { readonly mode: UnionMode; readonly now: number; readonly account: string },
): Omit<Union, 'nameOf'> {
  const names = new Map<string, string>();
  for (const rows of [there, here]) {
    const sorted = rows.list('aliases', aliasRow).sort((a, b) => (a.id < b.id ? 1 : -1));
    for (const { id, body } of sorted) names.set(body.target, id);
  }
  const union: Union = {
    ...{ here, there, mode, now },
    nameOf: (id) => names.get(id) ?? id,
    ...{ changes: [], kept: [], differences: [], notes: [] },
  };
  const added = uniteKeys(union);
  uniteAccess(union, added, account);
  uniteRecoverySets(union);
  if (mode === 'whole') uniteLogs(here, there);
  return union;
}
