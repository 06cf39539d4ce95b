import type { Method } from '../../shared/contract.ts';

/**
 * What a method needs to be allowed before it begins. `asks`: what it calls asks for itself, key by key; `open`:
 * whoever reaches the vault may do it.
 */
export const METHOD_ACTIONS: { readonly [M in Method]: `keyward:${string}` | 'asks' | 'open' } = {
  'vault.status': 'open',
  'vault.lock': 'open',
  'vault.stepDown': 'open',
  'vault.stepUp': 'open',
  'kms.call': 'asks',
  'keys.list': 'asks',
  'keys.create': 'asks',
  'keys.describe': 'asks',
  'keys.explain': 'asks',
  'keys.files': 'keyward:ReadCatalog',
  'keys.publicKey': 'asks',
  'keys.setDescription': 'asks',
  'keys.setTags': 'asks',
  'keys.addAlias': 'asks',
  'keys.moveAlias': 'asks',
  'keys.removeAlias': 'asks',
  'keys.rotate': 'asks',
  'keys.enable': 'asks',
  'keys.disable': 'asks',
  'keys.scheduleDeletion': 'asks',
  'keys.cancelDeletion': 'asks',
  'keys.setRotation': 'asks',
  'keys.exportMaterial': 'asks',
  'files.exportDataKey': 'asks',
  'files.encrypt': 'asks',
  'files.decrypt': 'asks',
  'files.decryptRange': 'asks',
  'files.verify': 'asks',
  'files.rewrap': 'asks',
  'files.reencrypt': 'asks',
  // A file says all that this tells without any key.
  'files.inspect': 'open',
  'files.encryptStream': 'asks',
  'files.decryptStream': 'asks',
  'clients.create': 'asks',
  'clients.list': 'asks',
  'clients.revoke': 'asks',
  'audit.list': 'keyward:ReadAudit',
  'audit.verify': 'keyward:ReadAudit',
  'config.list': 'keyward:ReadSettings',
  'config.set': 'keyward:SetConfig',
};
