import type { AuditLine } from '../../../shared/audit-contract.ts';
import type { AuditMethod, Input } from '../../../shared/contract.ts';
import { isKeywardError } from '../../../shared/errors.ts';
import { type AuditEntry, ownEvent } from '../../audit/event.ts';
import type { AuditQuery } from '../../audit/search.ts';
import { uuidBytes } from '../../crypto/bytes.ts';
import { principalArn, rootArn } from '../../kms/access/identity.ts';
import { keyArn } from '../../kms/arn.ts';
import { keyReference } from '../key-reference.ts';
import { checkRecords } from '../record-check.ts';
import type { Services } from '../services.ts';
import type { HandlersOf } from './handler-context.ts';

/** The handlers of the audit log. */
export const AUDIT_HANDLERS: HandlersOf<AuditMethod> = {
  'audit.list': async ({ services }, input) => {
    const { entries, next, mismatched, unindexed } = services.audit.search(queryOf(services, input));
    const nameOf = keyNames(services);
    return {
      entries: entries.map((entry) => auditLineOf(entry, nameOf)),
      ...(next === undefined ? {} : { next }),
      ...(mismatched.length === 0 ? {} : { mismatched: [...mismatched] }),
      ...(unindexed === 0 ? {} : { unindexed }),
    };
  },
  'audit.verify': async ({ services, anchored }, _input, { signal }) => {
    // The log's head and first key are records.
    await checkRecords(services.store, services.records, signal);
    return anchored(await services.audit.verify(signal));
  },
  'audit.reindex': async ({ services }, _input, { caller, signal }) => {
    const { audit } = services;
    audit.write((tx) => {
      audit.beginIndex(tx);
      audit.append(tx, ownEvent(caller.principal, 'RebuildAuditIndex', {}));
    });
    await audit.indexAll(signal);
    return { entries: audit.head().seq };
  },
};

function queryOf(services: Services, input: Input<'audit.list'>): AuditQuery {
  const { key, principal, event, outcome, file, since, until, limit, before, lookups } = input;
  return {
    limit,
    ...(before === undefined ? {} : { before }),
    ...(key === undefined ? {} : { keyArn: arnOf(services, key) }),
    ...(principal === undefined ? {} : { principal: whoIs(services, principal) }),
    ...(event === undefined ? {} : { eventName: event }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(lookups === undefined ? {} : { lookups }),
    ...(file === undefined ? {} : { file: pathOrId(file) }),
    ...(since === undefined ? {} : { since: Date.parse(since) }),
    ...(until === undefined ? {} : { until: Date.parse(until) }),
  };
}

function pathOrId({ path, messageId }: NonNullable<Input<'audit.list'>['file']>) {
  return { ...(path === undefined ? {} : { path }), ...(messageId === undefined ? {} : { messageId }) };
}

/** The ARN of a key, also of one that was shredded, where it is named by id or ARN: the log still speaks of it. */
function arnOf({ kms, vault }: Services, key: string): string {
  const reference = keyReference(key);
  try {
    return kms.look(reference).metadata.Arn;
  } catch (error) {
    if (!isKeywardError(error, 'NotFoundException')) throw error;
    if (/^arn:[^:]*:kms:[^:]*:[^:]*:key\//.test(reference)) return reference;
    if (uuidBytes(reference) === undefined) throw error;
    return keyArn(vault, reference);
  }
}

/** People write `cli` or `user/cli`; `root` is the account itself. */
function whoIs({ vault }: Services, principal: string): string {
  if (principal === 'root') return rootArn(vault.account);
  return principalArn(vault.account, principal.replace(/^user\//, ''));
}

function auditLineOf(entry: AuditEntry, nameOf: (arn: string) => string): AuditLine {
  const { eventType: _type, awsRegion: _region, recipientAccountId: _account, ...line } = entry;
  return { ...line, keyNames: line.keyArns.map(nameOf) };
}

/** What a key is called now: its first alias, else its ARN, as for one that was shredded. */
function keyNames({ kms }: Services): (arn: string) => string {
  const known = new Map<string, string>();
  return (arn) => {
    const name = known.get(arn) ?? kms.nameOf(arn) ?? arn;
    known.set(arn, name);
    return name;
  };
}
