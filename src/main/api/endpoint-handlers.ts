import type { EndpointMethod } from '../../shared/contract.ts';
import type { ClientSummary } from '../../shared/endpoint-contract.ts';
import type { Client } from '../kms/clients.ts';
import { type HandlersOf, streamsOf } from './call.ts';

/** The handlers of `endpoint.…` and `clients.…`. */
export const ENDPOINT_HANDLERS: HandlersOf<EndpointMethod> = {
  'endpoint.serve': async ({ rooms, serving, status }, input, call) => {
    const { throwAway } = await status();
    await serving.run(rooms, { ...input, throwAway: throwAway === true }, call, streamsOf(call));
    return { stopped: true };
  },
  'clients.create': async ({ rooms }, input, { caller }) => rooms.kms.clients.create(caller, input),
  'clients.list': async ({ rooms }, _input, { caller }) => ({
    clients: (await rooms.kms.clients.list(caller)).map(summaryOf),
  }),
  'clients.revoke': async ({ rooms }, { name }, { caller }) =>
    summaryOf(rooms.kms.clients.revoke(caller, name)),
};

function summaryOf({ created, revoked, ...rest }: Client): ClientSummary {
  return {
    ...rest,
    createdAt: created.toISOString(),
    ...(revoked === undefined ? {} : { revokedAt: revoked.toISOString() }),
  };
}
