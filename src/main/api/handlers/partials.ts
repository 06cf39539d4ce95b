import type { PartialMethod } from '../../../shared/contract.ts';
import type { HandlersOf } from './handler-context.ts';

/** The handlers of the methods on unfinished files. */
export const PARTIAL_HANDLERS: HandlersOf<PartialMethod> = {
  'partials.list': async ({ services }) => ({ partials: services.keptPartials.list() }),
  'partials.forget': ({ services }, { id }, { caller }) => services.keptPartials.forget(services, caller, id),
};
