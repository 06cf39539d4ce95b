import type { BridgeMethod } from '../../shared/bridge.ts';
import type { Handles } from './handles.ts';
import type { VaultHolder } from './holder.ts';
import type { Handlers } from './registrar.ts';
import type { HomeClaim } from './session.ts';
import type { Works } from './works.ts';

type RepairHandlers = Pick<Handlers, Extract<BridgeMethod, `repair.${string}`>>;

/** The bridge's methods about making a damaged vault whole. */
export function repairBridge<C extends HomeClaim>(
  holder: VaultHolder<C>,
  handles: Handles,
  works: Works,
): RepairHandlers {
  return {
    'repair.begin': async () => {
      await holder.beginRepair();
      return {};
    },
    'repair.leave': async () => {
      await holder.leaveRepair();
      return {};
    },
    'repair.plan': async ({ shown, from }) => {
      const path = from === undefined ? undefined : handles.path(from, 'backup');
      const plan = await holder.planRepair(shown, path);
      if (plan === undefined) return { plan: null };
      const { home: _home, backup, ...rest } = plan;
      if (backup === undefined) return { plan: rest };
      return { plan: { ...rest, backup: { name: handles.nameOf(backup.path), created: backup.created } } };
    },
    'repair.apply': async () => {
      const aside = await works.run('repair', (how) => holder.applyRepair(how));
      return { aside: aside.map((path) => handles.nameOf(path)) };
    },
  };
}
