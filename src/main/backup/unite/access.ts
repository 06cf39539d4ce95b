import { z } from 'zod';
import type { Json } from '../../../shared/errors.ts';
import { grantRow } from '../../kms/access/grant-rows.ts';
import { defaultPolicy, policyRow } from '../../kms/access/policy-rows.ts';
import { aliasRow, type ClientRow, clientRow, keyRow } from '../../kms/keys/row-schemas.ts';
import { joinDenials } from '../../kms/policy/joined-denials.ts';
import type { Union } from './union.ts';

/** Of a client without a policy: what it may do, as a policy. */
const FULL_ACCESS = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

/**
 * Unites who may do what. What was revoked or denied on either side stays so; what goes with a key that is new here comes
 * along; all else that differs is told, and nothing of it comes by itself.
 */
export function uniteAccess(union: Union, added: ReadonlySet<string>, account: string): void {
  unitePolicies(union, added, account);
  uniteGrants(union, added);
  uniteClients(union);
  if (union.mode === 'restrictions') return;
  uniteAliases(union, added);
  uniteSettings(union);
}

function unitePolicies(union: Union, added: ReadonlySet<string>, account: string): void {
  const { here, there, mode, changes, differences } = union;
  const common = defaultPolicy(account);
  for (const id of here.ids('keys')) {
    const theirRow = there.get('key-policies', id, policyRow);
    if (added.has(id)) {
      if (theirRow !== undefined) here.put('key-policies', id, theirRow);
      continue;
    }
    if (!there.has('keys', id)) continue;
    const mine = here.get('key-policies', id, policyRow)?.policy ?? common;
    const theirs = theirRow?.policy ?? common;
    if (mine === theirs) continue;
    const name = union.nameOf(id);
    const [joined, taken] = [joinDenials(mine, theirs, 'key'), joinDenials(theirs, mine, 'key')];
    if (typeof joined === 'object') {
      here.put('key-policies', id, { policy: joined.joined });
      changes.push({ kind: 'denial', id, name });
    } else if (joined === 'can-not') {
      union.kept.push({ kind: 'denial', id, name, why: NOT_JOINED });
      // Nobody is asked before a restore: what may be denied is done by nobody until its owner has looked.
      if (mode === 'restrictions') disable(union, id, name);
    }
    if (mode === 'restrictions' || taken === 'can-not' || onlyDenials(mine, theirs)) continue;
    const policy = taken === 'none' ? theirs : taken.joined;
    differences.push({
      id: `policy:${id}`,
      kind: 'policy',
      name,
      here: mine,
      there: theirs,
      take: () => here.put('key-policies', id, { policy }),
    });
  }
}

const NOT_JOINED = 'its denials there can not be joined with the policy here';

function disable({ here, changes }: Union, id: string, name: string): void {
  const key = here.get('keys', id, keyRow);
  if (key?.state !== 'Enabled') return;
  here.put('keys', id, { ...key, state: 'Disabled' });
  changes.push({ kind: 'disabled', id, name });
}

/** Whether two policies have the same statements but for denials: then nothing is left to be asked. */
function onlyDenials(mine: string, theirs: string): boolean {
  const allows = (text: string) => {
    const { Statement: given } = JSON.parse(text) as { Statement: unknown };
    return JSON.stringify([given].flat().filter((one) => (one as { Effect?: unknown }).Effect === 'Allow'));
  };
  return allows(mine) === allows(theirs);
}

function uniteGrants(union: Union, added: ReadonlySet<string>): void {
  const { here, there, mode, changes, kept, differences } = union;
  for (const { id, body } of there.list('revoked-grants', z.object({ revoked: z.number().int() }))) {
    const [keyId = '', grant = ''] = id.split('/');
    if (here.has('revoked-grants', id) || !here.has('keys', keyId)) continue;
    if (here.has('grants', id))
      changes.push({ kind: 'grant-revoked', id: keyId, name: union.nameOf(keyId), what: grant });
    here.remove('grants', id);
    here.put('revoked-grants', id, body);
  }
  for (const { id, body } of there.list('grants', grantRow)) {
    const [keyId = '', grant = ''] = id.split('/');
    if (here.has('grants', id) || !here.has('keys', keyId)) continue;
    const name = union.nameOf(keyId);
    if (here.has('revoked-grants', id)) {
      kept.push({ kind: 'grant', id: grant, name, why: 'it was revoked here' });
    } else if (mode === 'whole' && added.has(keyId)) {
      here.put('grants', id, body);
    } else if (mode === 'whole') {
      differences.push({
        id: `grant:${id}`,
        kind: 'grant',
        name,
        here: null,
        there: JSON.stringify({ grantee: body.grantee, operations: body.operations }),
        take: () => here.put('grants', id, body),
      });
    }
  }
}

function uniteClients(union: Union): void {
  const { here, there, mode, changes, kept, differences, now } = union;
  for (const { id: name, body: theirs } of there.list('clients', clientRow)) {
    const mine = here.get('clients', name, clientRow);
    if (mine === undefined) {
      if (theirs.revoked !== undefined) put(union, name, theirs);
      else if (mode === 'whole')
        differences.push({
          id: `client:${name}`,
          kind: 'client',
          name,
          here: null,
          there: theirs.policy ?? 'every action on every key',
          take: () => put(union, name, theirs),
        });
    } else if (mine.revoked !== undefined) {
      if (theirs.revoked === undefined)
        kept.push({ kind: 'client', id: name, name, why: 'it was revoked here' });
    } else if (theirs.revoked !== undefined) {
      put(union, name, { ...mine, revoked: Math.min(theirs.revoked, now) });
      changes.push({ kind: 'client-revoked', id: name, name });
    } else if (mine.policy !== theirs.policy || mine.accessKeyId !== theirs.accessKeyId) {
      differ(union, name, mine, theirs);
    }
  }
}

function differ(union: Union, name: string, mine: ClientRow, theirs: ClientRow): void {
  const [ours, other] = [mine.policy ?? FULL_ACCESS, theirs.policy ?? FULL_ACCESS];
  const [joined, taken] = [joinDenials(ours, other, 'identity'), joinDenials(other, ours, 'identity')];
  if (typeof joined === 'object') {
    put(union, name, { ...mine, policy: joined.joined });
    union.changes.push({ kind: 'denial', id: name, name });
  } else if (joined === 'can-not') {
    union.kept.push({ kind: 'denial', id: name, name, why: NOT_JOINED });
    if (union.mode === 'restrictions') {
      put(union, name, { ...mine, revoked: union.now });
      union.changes.push({ kind: 'client-revoked', id: name, name });
      return;
    }
  }
  if (union.mode === 'restrictions' || taken === 'can-not' || onlyDenials(ours, other)) return;
  const policy = typeof taken === 'object' ? taken.joined : theirs.policy;
  union.differences.push({
    id: `client:${name}`,
    kind: 'client',
    name,
    here: mine.policy,
    there: theirs.policy,
    take: () => put(union, name, { ...mine, policy }),
  });
}

/** Writes a client as `KeyRows.putClient` does. */
function put({ here }: Union, name: string, row: ClientRow): void {
  const { secret, ...rest } = row;
  if (row.revoked !== undefined) {
    here.put('clients', name, rest);
    here.remove('access-keys', row.accessKeyId);
    return;
  }
  here.put('clients', name, { ...rest, ...(secret === undefined ? {} : { secret }) });
  here.put('access-keys', row.accessKeyId, { client: name });
}

function uniteAliases({ here, there, nameOf, differences }: Union, added: ReadonlySet<string>): void {
  for (const { id: alias, body } of there.list('aliases', aliasRow)) {
    const mine = here.get('aliases', alias, aliasRow);
    if (mine?.target === body.target || !here.has('keys', body.target)) continue;
    if (mine === undefined && added.has(body.target)) {
      here.put('aliases', alias, body);
      continue;
    }
    differences.push({
      id: `alias:${alias}`,
      kind: 'alias',
      name: alias,
      here: mine === undefined ? null : nameOf(mine.target),
      there: nameOf(body.target) === alias ? body.target : nameOf(body.target),
      take: () => here.put('aliases', alias, body),
    });
  }
}

function uniteSettings({ here, there, differences }: Union): void {
  const value = z.json() as unknown as z.ZodType<Json>;
  for (const { id: name, body } of there.list('settings', value)) {
    const mine = here.get('settings', name, value);
    if (JSON.stringify(mine) === JSON.stringify(body)) continue;
    differences.push({
      id: `setting:${name}`,
      kind: 'setting',
      name,
      here: mine === undefined ? null : JSON.stringify(mine),
      there: JSON.stringify(body),
      take: () => here.put('settings', name, body),
    });
  }
}
