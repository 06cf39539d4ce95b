import type { Reason } from '../../../shared/errors.ts';
import { auditErrors } from './audit.ts';
import { backupErrors } from './backup.ts';
import { commandErrors } from './command.ts';
import { diskErrors } from './disk.ts';
import { envelopeErrors } from './envelope.ts';
import { processErrors } from './process.ts';
import { storeErrors } from './store.ts';
import type { ErrorText } from './types.ts';
import { unlockErrors } from './unlock.ts';
import { vaultErrors } from './vault.ts';

/** The sentences of all reasons. */
export const ERROR_TEXTS: { readonly [R in Reason]: ErrorText } = {
  ...processErrors,
  ...diskErrors,
  ...storeErrors,
  ...unlockErrors,
  ...auditErrors,
  ...envelopeErrors,
  ...vaultErrors,
  ...backupErrors,
  ...commandErrors,
};
