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

/** Methods on the endpoint's clients. */
export const endpointMethods = {
  /** `policy`: an identity policy as JSON; null: full access. The secret is given this once. */
  'clients.create': {
    input: z.strictObject({ name: clientName, policy: z.string().max(65_536).nullable() }),
    output: z.object({ accessKeyId: z.string(), secretAccessKey: z.string(), principal: z.string() }),
  },
  'clients.list': { input: none, output: z.object({ clients: z.array(clientSummary) }) },
  'clients.revoke': { input: z.strictObject({ name: clientName }), output: clientSummary },
} as const;

export type ClientSummary = z.output<typeof clientSummary>;
