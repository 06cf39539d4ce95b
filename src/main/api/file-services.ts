import { keysPath } from '../home/paths.ts';
import { newerKeysFiles } from '../store/keys-file/newer.ts';
import type { FileJobServices } from '../vault/jobs.ts';
import { keyReference } from './key-reference.ts';
import type { Services } from './services.ts';

/**
 * What work on files needs of an open vault; `home` is its folder with its links resolved. A managed key is made when
 * it is first named for encrypting.
 */
export function fileServicesOf(services: Services, home: string): FileJobServices {
  const { store, kms, slotKinds, files, partials, clock, settings } = services;
  return {
    ...{ store, kms, slotKinds, files, partials, clock, home },
    newerKeys: () => newerKeysFiles(keysPath(home)),
    async keyFor(caller, key) {
      const reference = key === undefined ? settings()['default-key'] : keyReference(key);
      await kms.ensureManagedKey(caller, reference);
      return reference;
    },
  };
}
