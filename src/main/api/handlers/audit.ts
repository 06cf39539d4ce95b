import type { AuditLine } from '../../../shared/audit-contract.ts';
import type { AuditMethod } from '../../../shared/contract.ts';
import type { AuditEntry } from '../../audit/event.ts';
import type { Services } from '../services.ts';
import { type HandlersOf, keyReference } from './handler-context.ts';

/** The handlers of the audit log. */
export const AUDIT_HANDLERS: HandlersOf<AuditMethod> = {
  'audit.list': async ({ services }, { limit, before, key, event }) => {
    const keyArn = key === undefined ? undefined : services.kms.look(keyReference(key)).metadata.Arn;
    const entries = services.audit.list({
      limit,
      ...(before === undefined ? {} : { before }),
      ...(keyArn === undefined ? {} : { keyArn }),
      ...(event === undefined ? {} : { eventName: event }),
    });
    const nameOf = keyNames(services);
    return { entries: entries.map((entry) => auditLineOf(entry, nameOf)) };
  },
  'audit.verify': async ({ services, anchored }, _input, { signal }) =>
    anchored(await services.audit.verify(signal)),
};

function auditLineOf(entry: AuditEntry, nameOf: (arn: string) => string): AuditLine {
  const { eventType: _type, awsRegion: _region, recipientAccountId: _account, ...line } = entry;
  return { ...line, keyNames: line.keyArns.map(nameOf) };
}

/** The name that a key goes by now: its first alias, else its ARN, as of one that was shredded. */
function keyNames({ kms }: Services): (arn: string) => string {
  const known = new Map<string, string>();
  return (arn) => {
    const name = known.get(arn) ?? kms.nameOf(arn) ?? arn;
    known.set(arn, name);
    return name;
  };
}
