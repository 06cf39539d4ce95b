import type { BridgeMethod, PassedOn } from '../../shared/bridge.ts';
import type { Desktop } from './desktop.ts';
import type { Handles } from './handles.ts';
import type { VaultHolder } from './holder.ts';
import { importBridge } from './import-bridge.ts';
import type { Handlers } from './registrar.ts';
import type { HomeClaim } from './session.ts';

type KeyHandlers = Pick<Handlers, Exclude<Extract<BridgeMethod, `keys.${string}`>, PassedOn>>;

/** The bridge's own methods about keys: what is saved goes where the user says. */
export function keyBridge<C extends HomeClaim>(
  holder: VaultHolder<C>,
  desktop: Desktop,
  handles: Handles,
): KeyHandlers {
  return {
    'keys.savePublicKey': async (input) => {
      const { pem } = await holder.call('keys.publicKey', input);
      const path = await desktop.save('public-key', 'public-key.pem', pem);
      const [file = null] = path === undefined ? [] : await handles.give([path]);
      return { file };
    },
    ...importBridge(holder, desktop, handles),
  };
}
