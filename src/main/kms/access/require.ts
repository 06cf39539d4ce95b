import type { Core } from '../core.ts';
import type { Caller } from '../types.ts';
import { accessDenied } from './denial.ts';

/** Throws `AccessDeniedException`, and logs it, unless the caller may do what is about no key. */
export function requireAction(core: Core, caller: Caller, action: `keyward:${string}`): void {
  const decision = core.journal.look((tx) => core.access.decide(tx, { caller, action }));
  if (decision.allowed) return;
  const eventName = action.slice('keyward:'.length);
  const operation = { caller, eventName, readOnly: true, request: {}, eventType: 'KeywardEvent' } as const;
  core.journal.change((_tx, step) =>
    step(operation, () => {
      throw accessDenied(caller.principal, action, '*', decision);
    }),
  );
}
