import type { EndpointMethod } from '../../../shared/contract.ts';
import type { ClientSummary } from '../../../shared/endpoint-contract.ts';
import type { Client } from '../../kms/clients.ts';
import { streamsOf } from '../call.ts';
import type { HandlersOf } from './handler-context.ts';

/** The handlers of `endpoint.…` and `clients.…`. */
export const ENDPOINT_HANDLERS: HandlersOf<EndpointMethod> = {
  'endpoint.serve': async ({ services, endpoint, status }, input, call) => {
    const { throwAway } = await status();
    await endpoint.run(services, { ...input, throwAway: throwAway === true }, call, streamsOf(call));
    return { stopped: true };
  },
  'clients.create': async ({ services }, input, { caller }) => services.kms.clients.create(caller, input),
  'clients.list': async ({ services }, _input, { caller }) => ({
    clients: (await services.kms.clients.list(caller)).map(summaryOf),
  }),
  'clients.revoke': async ({ services }, { name }, { caller }) =>
    summaryOf(services.kms.clients.revoke(caller, name)),
};

function summaryOf({ created, revoked, ...rest }: Client): ClientSummary {
  return {
    ...rest,
    createdAt: created.toISOString(),
    ...(revoked === undefined ? {} : { revokedAt: revoked.toISOString() }),
  };
}
