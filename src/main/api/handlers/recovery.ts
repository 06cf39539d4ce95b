import type { RecoveryMethod } from '../../../shared/contract.ts';
import { kitFactsOf } from '../kit-facts.ts';
import type { HandlersOf } from './handler-context.ts';
import { withPersonal } from './reauthentication.ts';

/** The handlers of what is printed for recovery. */
export const RECOVERY_HANDLERS: HandlersOf<RecoveryMethod> = {
  'recovery.split': ({ protectors, confirm }, { credential, ...count }, { caller }) =>
    withPersonal(credential, (personal) => protectors.split(caller, count, () => confirm(personal))),
  'recovery.unsplit': ({ protectors, confirm }, { credential }, { caller }) =>
    withPersonal(credential, async (personal) => ({
      protectors: await protectors.unsplit(caller, () => confirm(personal)),
    })),
  'recovery.kit': ({ services }, input) => kitFactsOf(services, input),
};
