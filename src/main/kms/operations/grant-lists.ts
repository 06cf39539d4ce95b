import { nameOf, type StoredGrant } from '../access/grant-rows.ts';
import { rootArn } from '../access/identity.ts';
import { keyArn } from '../arn.ts';
import { type Core, findKey } from '../core.ts';
import { SHORT_PAGES } from '../pagination.ts';
import { onKey } from '../request.ts';
import type { Caller, KeyIdInput, PageInput, PageOutput } from '../types.ts';
import type { GrantConstraints } from './grant.ts';
import { grantOf, NOT_FOR_SERVICES } from './grant.ts';
import { requirePrincipal } from './grant-rules.ts';

/** A grant as AWS lists it; never with its token. */
export type GrantListEntry = {
  readonly KeyId: string;
  readonly GrantId: string;
  readonly Name?: string;
  readonly CreationDate: Date;
  readonly GranteePrincipal: string;
  readonly RetiringPrincipal?: string;
  readonly IssuingAccount: string;
  readonly Operations: readonly string[];
  readonly Constraints?: GrantConstraints;
};

/** `ListGrants`, sorted by id, 50 a page; with `GranteePrincipal` or `GrantId`, only those. */
export async function listGrants(
  core: Core,
  caller: Caller,
  input: KeyIdInput & PageInput & { readonly GrantId?: string; readonly GranteePrincipal?: string },
): Promise<{ Grants: GrantListEntry[] } & PageOutput> {
  const operation = onKey(caller, 'ListGrants', input, true, { conditions: NOT_FOR_SERVICES });
  return core.journal.perform(operation, 'go-on', (tx, record) => {
    const key = findKey(core, tx, record, input.KeyId);
    const { GrantId, GranteePrincipal } = input;
    if (GranteePrincipal !== undefined) requirePrincipal('granteePrincipal', GranteePrincipal);
    const only = GrantId === undefined ? undefined : grantOf(core, tx, key, GrantId);
    const from = (after: string, limit: number) =>
      only === undefined
        ? core.grants.ofKeyAfter(tx, key.id, after, limit, GranteePrincipal)
        : [only].filter(({ body }) => GranteePrincipal === undefined || body.grantee === GranteePrincipal);
    const list = `ListGrants/${key.id}/${GranteePrincipal ?? ''}`;
    const { page, more } = core.pages.fetch(list, from, ({ id }) => id, input, SHORT_PAGES);
    return { Grants: page.map((grant) => entryOf(core, grant)), ...more };
  });
}

/** `ListRetirableGrants`: of all keys, those that a principal may retire by their own words; 50 a page. */
export async function listRetirableGrants(
  core: Core,
  caller: Caller,
  input: PageInput & { readonly RetiringPrincipal: string },
): Promise<{ Grants: GrantListEntry[] } & PageOutput> {
  const request = { retiringPrincipal: input.RetiringPrincipal.slice(0, 256) };
  const operation = { caller, eventName: 'ListRetirableGrants', readOnly: true, request };
  return core.journal.perform(operation, 'go-on', (tx, record) => {
    core.access.authorize(tx, record, {});
    requirePrincipal('retiringPrincipal', input.RetiringPrincipal);
    const from = (after: string, limit: number) =>
      core.grants.retirableAfter(tx, input.RetiringPrincipal, after, limit);
    const list = `ListRetirableGrants/${input.RetiringPrincipal}`;
    const { page, more } = core.pages.fetch(list, from, nameOf, input, SHORT_PAGES);
    return { Grants: page.map((grant) => entryOf(core, grant)), ...more };
  });
}

function entryOf(core: Core, { keyId, id, body }: StoredGrant): GrantListEntry {
  const { equals, subset, name, retiring } = body;
  return {
    KeyId: keyArn(core.vault, keyId),
    GrantId: id,
    ...(name === undefined ? {} : { Name: name }),
    CreationDate: new Date(body.created),
    GranteePrincipal: body.grantee,
    ...(retiring === undefined ? {} : { RetiringPrincipal: retiring }),
    IssuingAccount: rootArn(core.vault.account),
    Operations: body.operations,
    ...(equals === undefined ? {} : { Constraints: { EncryptionContextEquals: equals } }),
    ...(subset === undefined ? {} : { Constraints: { EncryptionContextSubset: subset } }),
  };
}
