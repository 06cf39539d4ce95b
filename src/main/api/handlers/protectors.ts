import type { ProtectorMethod } from '../../../shared/contract.ts';
import { newRecoveryPhrase } from '../../unlock/secret.ts';
import type { HandlersOf } from './handler-context.ts';
import { withPersonal } from './reauthentication.ts';

/** The handlers of the ways to unlock. */
export const PROTECTOR_HANDLERS: HandlersOf<ProtectorMethod> = {
  'protectors.list': async ({ protectors }) => ({ protectors: protectors.list() }),
  'protectors.newPhrase': async () => ({ phrase: newRecoveryPhrase() }),
  'protectors.set': ({ protectors, confirm }, input, { caller }) =>
    withPersonal(input.credential, async (personal) => ({
      protectors: await protectors.set(caller, input, () => confirm(personal)),
    })),
  'root.rotate': ({ confirm, alone }, { credential }, call) =>
    withPersonal(credential, (personal) =>
      alone((roots) => roots.rotate({ ...call, credential: personal, confirm: () => confirm(personal) })),
    ),
  'protectors.revoke': ({ confirm, alone }, input, call) =>
    withPersonal(input.credential, (personal) =>
      alone((roots) =>
        roots.revoke({ ...call, credential: personal, confirm: () => confirm(personal) }, input),
      ),
    ),
  'protectors.remove': ({ protectors, confirm }, { kind, credential }, { caller }) =>
    withPersonal(credential, async (personal) => ({
      protectors: await protectors.remove(caller, kind, credential.kind, () => confirm(personal)),
    })),
};
