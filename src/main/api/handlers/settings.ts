import type { SettingMethod } from '../../../shared/contract.ts';
import { fail } from '../../../shared/errors.ts';
import { ownEvent } from '../../audit/event.ts';
import type { KeyMetadata } from '../../kms/types.ts';
import { keyReference } from '../key-reference.ts';
import { readSettings, writeSetting } from '../settings.ts';
import type { HandlersOf } from './handler-context.ts';

/** The handlers of the methods on settings. */
export const SETTING_HANDLERS: HandlersOf<SettingMethod> = {
  'config.list': async ({ services }) => services.settings(),
  'config.set': async ({ services, fileServices }, { name, value: given }, { caller }) => {
    const value = name === 'default-key' ? keyReference(given) : given;
    // A default that no key for files stands behind would fail at the next file, far from its cause.
    if (name === 'default-key') {
      requireForFiles(given, services.kms.look(await fileServices.keyFor(caller, value)).metadata);
    }
    return services.audit.write((tx) => {
      writeSetting(services.records, tx, name, value);
      services.audit.append(tx, ownEvent(caller.principal, 'SetConfig', { name, value }));
      return readSettings(services.records, tx);
    });
  },
};

function requireForFiles(name: string, { KeySpec, KeyUsage }: KeyMetadata): void {
  if (KeySpec === 'SYMMETRIC_DEFAULT') return;
  throw fail('key-not-for-files', { name, usage: KeyUsage, spec: KeySpec });
}
