import { z } from 'zod';
import { none } from './contract-basics.ts';

/*
 * The part of the contract that is about the KMS endpoint and its clients. Dates are ISO 8601 in UTC.
 */

const clientName = z.string().min(1).max(64);

/** A client of the endpoint; `policy` is JSON, null where it has full access. */
export const clientSummary = z.object({
  name: z.string(),
  principal: z.string(),
  accessKeyId: z.string(),
  policy: z.string().nullable(),
  createdAt: z.string(),
  /** Missing while the client may use the endpoint. */
  revokedAt: z.string().optional(),
});

/** The endpoint while it listens; `since` is when it began to. */
export const endpointFacts = z.object({ url: z.string(), since: z.string() });

/** What is told once the endpoint listens, as one line of JSON. */
export const listening = z.object({ endpoint: z.string(), region: z.string(), account: z.string() });

/** Methods on the endpoint and its clients. */
export const endpointMethods = {
  /**
   * Serves the endpoint until the input ends or the call is cancelled. Its output is one line, the JSON of
   * `listening`. `port` 0: one that is free; `unsigned`: without signatures, on a throw-away vault.
   */
  'endpoint.serve': {
    needs: 'keyward:ServeEndpoint',
    input: z.strictObject({ port: z.number().int().min(0).max(65_535), unsigned: z.boolean() }),
    output: z.object({ stopped: z.literal(true) }),
    streams: true,
  },
  /** `policy`: an identity policy as JSON; null: full access. The secret is given this once. */
  'clients.create': {
    needs: 'asks',
    input: z.strictObject({ name: clientName, policy: z.string().max(65_536).nullable() }),
    output: z.object({ accessKeyId: z.string(), secretAccessKey: z.string(), principal: z.string() }),
  },
  'clients.list': { needs: 'asks', input: none, output: z.object({ clients: z.array(clientSummary) }) },
  'clients.revoke': { needs: 'asks', input: z.strictObject({ name: clientName }), output: clientSummary },
} as const;

export type EndpointFacts = z.output<typeof endpointFacts>;
export type Listening = z.output<typeof listening>;
export type ClientSummary = z.output<typeof clientSummary>;
