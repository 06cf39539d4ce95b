export { type CallOptions, OwnerClient } from './client.ts';
export type { ServedSession } from './served-session.ts';
export { type OwnerOptions, OwnerServer } from './server.ts';
