import type { KMS } from '@aws-sdk/client-kms';

/** Calls an operation by its name. */
export async function call(client: KMS, operation: string, input: object): Promise<object> {
  const method: unknown = Reflect.get(client, operation.slice(0, 1).toLowerCase() + operation.slice(1));
  if (typeof method !== 'function') throw new Error(`AWS's client has no ${operation}`);
  return Reflect.apply(method, client, [input]);
}
