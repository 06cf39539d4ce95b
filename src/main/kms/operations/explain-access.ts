import type { EncryptionContext } from '../../../shared/context.ts';
import { type Explanation, explain, toJson } from '../access/denial.ts';
import { principalArn } from '../access/identity.ts';
import { type Core, findKey, lookUpKey } from '../core.ts';
import { invalid } from '../errors.ts';
import { named, onKey } from '../request.ts';
import type { Caller, KeyIdInput } from '../types.ts';
import { requirePrincipal } from './grant-rules.ts';

/**
 * A question: may `principal` (an ARN, or the name of a user) do `action` (`kms:` may be left out) to the key?
 * `conditions`: values of condition keys that the call would have; `client`: the face that it would come through.
 */
export type ExplainInput = KeyIdInput & {
  readonly principal: string;
  readonly action: string;
  readonly encryptionContext?: EncryptionContext;
  readonly conditions?: { readonly [key: string]: string };
  readonly client?: Caller['client'];
};

/** The answer, with what was asked in full. */
type ExplainOutput = Explanation & {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
};

const ACTION = /^(?:[a-z]+:)?[A-Za-z]+$/;

/**
 * Decides a call that nobody makes, by today's policies and grants, and tells why; logged with its answer. Needs
 * what reading the policy needs, for the answer tells of it.
 */
export async function explainAccess(core: Core, caller: Caller, input: ExplainInput): Promise<ExplainOutput> {
  const { encryptionContext, conditions = {} } = input;
  const action = input.action.includes(':') ? input.action : `kms:${input.action}`;
  const principal = principalArn(core.vault.account, input.principal);
  const operation = onKey(caller, 'ExplainAccess', input, true);
  const request = {
    keyId: named(input.KeyId),
    principal: principal.slice(0, 256),
    action: action.slice(0, 128),
  };
  return core.journal.perform({ ...operation, request, eventType: 'KeywardEvent' }, 'go-on', (tx, record) => {
    requirePrincipal('principal', principal);
    if (!ACTION.test(input.action))
      throw invalid(`${input.action.slice(0, 128)} is not an action such as kms:Encrypt.`);
    const key = findKey(core, tx, record, input.KeyId, { action: 'kms:GetKeyPolicy' });
    const { alias } = lookUpKey(core, tx, input.KeyId);
    const decision = core.access.decide(tx, {
      ...{ caller: { principal, client: input.client ?? 'sdk' }, action, key, encryptionContext, conditions },
      alias,
    });
    const explanation = explain(decision, action);
    record.response = toJson(explanation);
    return { principal, action, resource: key.arn, ...explanation };
  });
}
