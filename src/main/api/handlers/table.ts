import type { Method } from '../../../shared/contract.ts';
import { dispatch } from '../../kms/dispatch.ts';
import { ACCESS_HANDLERS } from './access.ts';
import { AUDIT_HANDLERS } from './audit.ts';
import { BACKUP_HANDLERS } from './backup.ts';
import { exportFileKey } from './data-key-export.ts';
import { ENDPOINT_HANDLERS } from './endpoint.ts';
import { FILE_HANDLERS } from './files.ts';
import type { Handler } from './handler-context.ts';
import { HEALTH_HANDLERS } from './health.ts';
import { JOB_HANDLERS } from './jobs.ts';
import { KEY_HANDLERS } from './keys.ts';
import { PARTIAL_HANDLERS } from './partials.ts';
import { PROTECTOR_HANDLERS } from './protectors.ts';
import { RECOVERY_HANDLERS } from './recovery.ts';
import { SETTING_HANDLERS } from './settings.ts';

/** One handler for each method of the contract. They know no transport. */
export const HANDLERS: { readonly [M in Method]: Handler<M> } = {
  'vault.status': async ({ status }) => status(),
  'vault.lock': async ({ lock }) => {
    await lock();
    return { locked: true };
  },

  'kms.call': async ({ services }, { operation, input }, { caller }) => ({
    output: await dispatch(services.kms, caller, operation, input),
  }),
  ...KEY_HANDLERS,
  ...FILE_HANDLERS,
  'files.exportDataKey': exportFileKey,
  ...JOB_HANDLERS,
  ...AUDIT_HANDLERS,
  ...ENDPOINT_HANDLERS,
  ...ACCESS_HANDLERS,
  ...PROTECTOR_HANDLERS,
  ...PARTIAL_HANDLERS,
  ...RECOVERY_HANDLERS,
  ...BACKUP_HANDLERS,
  ...HEALTH_HANDLERS,
  ...SETTING_HANDLERS,
};
