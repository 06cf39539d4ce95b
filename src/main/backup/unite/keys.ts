import { z } from 'zod';
import type { Json } from '../../../shared/errors.ts';
import { settledBy } from '../../kms/keys/imported-key.ts';
import { untold } from '../../kms/keys/reset-deletion-notice.ts';
import { aliasRow, type KeyRow, keyRow, type VersionRow, versionRow } from '../../kms/keys/row-schemas.ts';
import type { Union } from './union.ts';

type Versions = Map<string, VersionRow>;

const uses = z.object({ count: z.number().int().nonnegative() });

/** A key that was shredded elsewhere is told of here and goes at an unlock a day later: days that are noted for it. */
const NO_DAYS = 0;

/** Unites marks of shredded keys, keys and their versions; gives the ids of the keys that are new here. */
export function uniteKeys(union: Union): Set<string> {
  const { here, there, mode, kept } = union;
  uniteShredded(union);
  const added = new Set<string>();
  const versions = { here: here.byPrefix('key-versions'), there: there.byPrefix('key-versions') };
  for (const { id, body: theirs } of there.list('keys', keyRow)) {
    const mine = here.get('keys', id, keyRow);
    if (here.has('shredded-keys', id)) {
      kept.push({ kind: 'key', id, name: union.nameOf(id), why: 'it was shredded here' });
    } else if (mine === undefined) {
      if (mode === 'restrictions') {
        kept.push({ kind: 'key', id, name: union.nameOf(id), why: 'it is in that backup only' });
        continue;
      }
      added.add(id);
      here.put('keys', id, untold(theirs));
      for (const name of versions.there.get(id) ?? []) {
        here.put('key-versions', name, there.get('key-versions', name, versionRow) as Json);
        addUses(union, name);
      }
    } else if (isAnother(mine, theirs)) {
      kept.push({ kind: 'key', id, name: union.nameOf(id), why: 'another key has its id here' });
    } else {
      uniteKey(union, id, [mine, theirs], versions);
    }
  }
  for (const id of added) union.changes.push({ kind: 'key', id, name: union.nameOf(id) });
  return added;
}

function uniteShredded(union: Union): void {
  const { here, there, mode, now, changes } = union;
  for (const { id, body } of there.list('shredded-keys', z.object({ shredded: z.number().int() }))) {
    if (here.has('shredded-keys', id)) continue;
    const key = here.get('keys', id, keyRow);
    if (key === undefined) {
      here.put('shredded-keys', id, body);
      continue;
    }
    const name = union.nameOf(id);
    if (mode === 'restrictions') {
      removeKey(union, id);
      here.put('shredded-keys', id, body);
      changes.push({ kind: 'shredded', id, name });
      continue;
    }
    if (key.deletion?.seen !== undefined) continue;
    const deletion = { date: Math.min(key.deletion?.date ?? now, now), days: NO_DAYS, seen: now };
    here.put('keys', id, { ...key, state: 'PendingDeletion', deletion });
    changes.push({ kind: 'to-be-shredded', id, name });
  }
}

function removeKey({ here }: Union, id: string): void {
  for (const room of ['key-versions', 'message-key-uses', 'grants', 'revoked-grants']) {
    for (const name of here.ids(room, `${id}/`)) here.remove(room, name);
  }
  for (const { id: alias, body } of here.list('aliases', aliasRow))
    if (body.target === id) here.remove('aliases', alias);
  here.remove('key-policies', id);
  here.remove('keys', id);
}

function isAnother(mine: KeyRow, theirs: KeyRow): boolean {
  return (['spec', 'usage', 'origin', 'created'] as const).some((field) => mine[field] !== theirs[field]);
}

type Names = { readonly [S in 'here' | 'there']: ReadonlyMap<string, readonly string[]> };

function uniteKey(union: Union, id: string, [mine, theirs]: readonly [KeyRow, KeyRow], names: Names): void {
  const { here, there, mode, changes } = union;
  const name = union.nameOf(id);
  const read = (side: 'here' | 'there'): Versions =>
    new Map(
      (names[side].get(id) ?? []).map((one) => [
        one.slice(id.length + 1),
        union[side].get('key-versions', one, versionRow) as VersionRow,
      ]),
    );
  const [versions, others] = [read('here'), read('there')];
  let newOnes = 0;
  for (const [version, other] of others) {
    const known = versions.get(version);
    const full = `${id}/${version}`;
    if (known === undefined) {
      if (mode === 'restrictions') continue;
      versions.set(version, other);
      here.put('key-versions', full, other);
      newOnes += 1;
    } else {
      const marked = markedOf(known, other);
      if (marked !== known) {
        versions.set(version, marked);
        here.put('key-versions', full, marked);
        if (known.disabled === undefined && marked.disabled !== undefined)
          changes.push({ kind: 'version-disabled', id, name, what: version });
      }
    }
    if (mode === 'whole') addUses(union, full);
  }
  if (newOnes > 0) changes.push({ kind: 'version', id, name, count: newOnes });
  const row = restricted(union, { id, name }, [mine, theirs], versions, newOnes > 0);
  if (row !== mine) here.put('keys', id, row);
  if (mode === 'whole') tellDifferences(union, { id, name }, there.get('keys', id, keyRow) as KeyRow);
}

/** A version that both have: what was revoked or marked on either side stays so. */
function markedOf(known: VersionRow, other: VersionRow): VersionRow {
  const disabled = earliest(known.disabled, other.disabled);
  const exported = earliest(known.exported, other.exported);
  if (disabled === known.disabled && exported === known.exported) return known;
  return {
    ...known,
    ...(disabled === undefined ? {} : { disabled }),
    ...(exported === undefined ? {} : { exported }),
  };
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

/** The key's row: the latest version that may is current, and it may do no more than on either side. */
function restricted(
  { changes, mode }: Union,
  about: { readonly id: string; readonly name: string },
  [mine, theirs]: readonly [KeyRow, KeyRow],
  versions: Versions,
  hasNew: boolean,
): KeyRow {
  let row = mine;
  const pending =
    mine.external?.pending ?? (mode === 'whole' && hasNew ? theirs.external?.pending : undefined);
  const isUsable = (id: string, { wrapped, disabled }: VersionRow) =>
    wrapped !== undefined && disabled === undefined && id !== pending?.version;
  const current = versions.get(mine.current);
  if (hasNew || current?.disabled !== undefined) {
    const latest = [...versions]
      .filter(([id, version]) => isUsable(id, version))
      .sort(([a, one], [b, other]) => one.created - other.created || (a < b ? -1 : 1))
      .at(-1)?.[0];
    if (latest !== undefined && latest !== row.current) {
      row = { ...row, current: latest };
      changes.push({ kind: 'current', ...about, what: latest });
    } else if (latest === undefined && row.state === 'Enabled') {
      // Each side revoked what the other goes on with.
      row = { ...row, state: 'Disabled' };
      changes.push({ kind: 'disabled', ...about });
    }
  }
  if (row.external !== undefined && hasNew) {
    const external = { ...row.external, ...(pending === undefined ? {} : { pending }) };
    row = settledBy(
      [...versions].map(([id, body]) => ({ id, body })),
      { ...row, external },
    );
  }
  if (row.state === 'PendingDeletion') return row;
  if (theirs.state === 'PendingDeletion' && theirs.deletion !== undefined) {
    const { date, days } = theirs.deletion;
    changes.push({ kind: 'deletion', ...about, what: new Date(date).toISOString() });
    return { ...row, state: 'PendingDeletion', deletion: { date, days } };
  }
  if (theirs.state === 'Disabled' && row.state === 'Enabled') {
    changes.push({ kind: 'disabled', ...about });
    return { ...row, state: 'Disabled' };
  }
  return row;
}

function tellDifferences(
  { here, differences }: Union,
  { id, name }: { readonly id: string; readonly name: string },
  theirs: KeyRow,
): void {
  for (const field of ['description', 'tags', 'rotation'] as const) {
    const mine = here.get('keys', id, keyRow)?.[field];
    const text = (value: unknown) => (value === undefined ? null : JSON.stringify(value));
    const [a, b] = [text(mine), text(field === 'rotation' ? daysOf(mine, theirs.rotation) : theirs[field])];
    if (a === b) continue;
    differences.push({
      id: `key:${id}:${field}`,
      kind: field,
      name,
      here: a,
      there: b,
      take: () => {
        const { [field]: _mine, ...rest } = here.get('keys', id, keyRow) as KeyRow;
        const value = theirs[field];
        here.put('keys', id, value === undefined ? rest : { ...rest, [field]: value });
      },
    });
  }
}

/** Two plans of rotation that only differ in the next date are the same plan. */
function daysOf(mine: unknown, theirs: KeyRow['rotation']): unknown {
  const days = (mine as KeyRow['rotation'])?.days;
  return theirs !== undefined && days === theirs.days ? mine : theirs;
}

/** What a version did on either side adds up: its limit is one of the material. */
function addUses({ here, there }: Union, name: string): void {
  const theirs = there.get('message-key-uses', name, uses)?.count ?? 0;
  if (theirs === 0) return;
  const mine = here.get('message-key-uses', name, uses)?.count ?? 0;
  here.put('message-key-uses', name, { count: mine + theirs });
}
