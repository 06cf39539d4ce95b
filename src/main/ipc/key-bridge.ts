import type { BridgeMethod } from '../../shared/bridge.ts';
import type { Desktop } from './desktop.ts';
import type { Handles } from './handles.ts';
import type { VaultHolder } from './holder.ts';
import { importBridge } from './import-bridge.ts';
import type { Handlers } from './registrar.ts';
import type { HomeClaim } from './session.ts';

type KeyHandlers = Pick<Handlers, Extract<BridgeMethod, `keys.${string}`>>;

/** The bridge's methods about keys. Most are the contract's own; what is saved goes where the user says. */
export function keyBridge<C extends HomeClaim>(
  holder: VaultHolder<C>,
  desktop: Desktop,
  handles: Handles,
): KeyHandlers {
  return {
    'keys.list': (input) => holder.call('keys.list', input),
    'keys.create': (input) => holder.call('keys.create', input),
    'keys.describe': (input) => holder.call('keys.describe', input),
    'keys.rotate': (input) => holder.call('keys.rotate', input),
    'keys.enable': (input) => holder.call('keys.enable', input),
    'keys.disable': (input) => holder.call('keys.disable', input),
    'keys.files': (input) => holder.call('keys.files', input),
    'keys.publicKey': (input) => holder.call('keys.publicKey', input),
    'keys.savePublicKey': async (input) => {
      const { pem } = await holder.call('keys.publicKey', input);
      const path = await desktop.save('public-key', 'public-key.pem', pem);
      const [file = null] = path === undefined ? [] : await handles.give([path]);
      return { file };
    },
    'keys.setVersion': (input) => holder.call('keys.setVersion', input),
    ...importBridge(holder, desktop, handles),
    'keys.setDescription': (input) => holder.call('keys.setDescription', input),
    'keys.setTags': (input) => holder.call('keys.setTags', input),
    'keys.addAlias': (input) => holder.call('keys.addAlias', input),
    'keys.moveAlias': (input) => holder.call('keys.moveAlias', input),
    'keys.removeAlias': (input) => holder.call('keys.removeAlias', input),
    'keys.policy': (input) => holder.call('keys.policy', input),
    'keys.checkPolicy': (input) => holder.call('keys.checkPolicy', input),
    'keys.putPolicy': (input) => holder.call('keys.putPolicy', input),
    'keys.explain': (input) => holder.call('keys.explain', input),
    'keys.grants': (input) => holder.call('keys.grants', input),
    'keys.createGrant': (input) => holder.call('keys.createGrant', input),
    'keys.revokeGrant': (input) => holder.call('keys.revokeGrant', input),
    'keys.retireGrant': (input) => holder.call('keys.retireGrant', input),
    'keys.setRotation': (input) => holder.call('keys.setRotation', input),
    'keys.scheduleDeletion': (input) => holder.call('keys.scheduleDeletion', input),
    'keys.cancelDeletion': (input) => holder.call('keys.cancelDeletion', input),
  };
}
