import type { Input, Method } from '../../shared/contract.ts';

/** What a vault that is open for rescue does: it reads, and gives out what its owner may have. */
const METHODS: readonly Method[] = [
  'vault.status',
  'vault.lock',
  'keys.list',
  'keys.describe',
  'keys.explain',
  'keys.policy',
  'keys.grants',
  'keys.files',
  'keys.publicKey',
  'keys.exportMaterial',
  'files.exportDataKey',
  'files.decrypt',
  'files.decryptRange',
  'files.decryptStream',
  'files.verify',
  'files.inspect',
  'jobs.list',
  'jobs.show',
  'jobs.cancel',
  'jobs.clear',
  'clients.list',
  'audit.list',
  'protectors.list',
  'audit.verify',
  'config.list',
  'health.check',
];

const OPERATIONS: readonly string[] = [
  'Decrypt',
  'DescribeKey',
  'GetKeyPolicy',
  'GetKeyRotationStatus',
  'GetPublicKey',
  'ListAliases',
  'ListGrants',
  'ListKeyPolicies',
  'ListKeyRotations',
  'ListKeys',
  'ListResourceTags',
  'Verify',
  'VerifyMac',
];

/** Whether a vault that is open for rescue answers a call. */
export function isAllowedInRescue(method: Method, input: unknown): boolean {
  if (method === 'jobs.start') return METHODS.includes(`files.${(input as Input<'jobs.start'>).kind}`);
  if (method !== 'kms.call') return METHODS.includes(method);
  return OPERATIONS.includes((input as { readonly operation: string }).operation);
}
