import { awsError } from '../../../shared/errors.ts';
import { KMS_REFUSED, type RefusedOperation } from '../../../shared/kms-operations.ts';
import type { Core } from '../core.ts';
import { invalid } from '../errors.ts';
import { LONG_PAGES } from '../pagination.ts';
import type { Caller, PageInput, PageOutput } from '../types.ts';
import { requireLength } from '../validate.ts';

/** Input of `DescribeCustomKeyStores`: at most one of id (1–64 characters) and name (1–256). */
type DescribeCustomKeyStoresInput = PageInput & {
  readonly CustomKeyStoreId?: string;
  readonly CustomKeyStoreName?: string;
};

/**
 * `DescribeCustomKeyStores`: an empty list, as AWS gives it to an account without any. Throws
 * `CustomKeyStoreNotFoundException` for one that is named.
 */
export async function describeCustomKeyStores(
  core: Core,
  caller: Caller,
  input: DescribeCustomKeyStoresInput,
): Promise<{ CustomKeyStores: never[] } & PageOutput> {
  const { CustomKeyStoreId: id, CustomKeyStoreName: name } = input;
  const request = {
    ...(id === undefined ? {} : { customKeyStoreId: id.slice(0, 64) }),
    ...(name === undefined ? {} : { customKeyStoreName: name.slice(0, 256) }),
  };
  const operation = { caller, eventName: 'DescribeCustomKeyStores', readOnly: true, request };
  return core.journal.perform(operation, 'go-on', (tx, record) => {
    core.access.authorize(tx, record, {});
    if (id !== undefined && name !== undefined) {
      throw invalid('Give either CustomKeyStoreId or CustomKeyStoreName, not both.');
    }
    if (id !== undefined) requireLength('customKeyStoreId', id, 1, 64);
    if (name !== undefined) requireLength('customKeyStoreName', name, 1, 256);
    const asked = id ?? name;
    if (asked !== undefined) {
      throw awsError(
        'CustomKeyStoreNotFoundException',
        `There is no custom key store ${asked}: this vault keeps all of its keys itself.`,
      );
    }
    const { more } = core.pages.cut('DescribeCustomKeyStores', [], () => '', input, LONG_PAGES);
    return { CustomKeyStores: [], ...more };
  });
}

/** `UnsupportedOperationException`, logged, for an operation of AWS KMS that this vault does not have. */
export async function refuseOperation(
  core: Core,
  caller: Caller,
  operation: RefusedOperation,
): Promise<never> {
  return core.journal.perform(
    { caller, eventName: operation, readOnly: operation.startsWith('List'), request: {} },
    'refuse',
    () => {
      throw awsError('UnsupportedOperationException', `${operation}: ${KMS_REFUSED[operation]}`);
    },
  );
}
