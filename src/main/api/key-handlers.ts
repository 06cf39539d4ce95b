import type { KeyMethod } from '../../shared/contract.ts';
import { type HandlersOf, keyReference } from './call.ts';
import { exportKey } from './key-export.ts';
import { keyDetailOf, keySummaryOf } from './key-views.ts';

/** The handlers of `keys.…`. */
export const KEY_HANDLERS: HandlersOf<KeyMethod> = {
  'keys.list': async ({ rooms }, _input, { caller }) => {
    const keys = await rooms.kms.overviewOfAll(caller);
    return { keys: keys.map(keySummaryOf) };
  },
  'keys.create': async ({ rooms }, { alias, description }, { caller }) => {
    const AliasName = alias.startsWith('alias/') ? alias : `alias/${alias}`;
    await rooms.kms.createNamedKey(caller, { AliasName, Description: description });
    return keySummaryOf(rooms.kms.look(AliasName));
  },
  'keys.describe': async ({ rooms }, { key }, { caller }) =>
    keyDetailOf(await rooms.kms.overview(caller, { KeyId: keyReference(key) })),
  'keys.rotate': async ({ rooms }, { key }, { caller }) => {
    const { KeyId } = await rooms.kms.RotateKeyOnDemand(caller, { KeyId: keyReference(key) });
    return keySummaryOf(rooms.kms.look(KeyId));
  },
  'keys.enable': async ({ rooms }, { key }, { caller }) => {
    const KeyId = keyReference(key);
    await rooms.kms.EnableKey(caller, { KeyId });
    return keySummaryOf(rooms.kms.look(KeyId));
  },
  'keys.disable': async ({ rooms }, { key }, { caller }) => {
    const KeyId = keyReference(key);
    await rooms.kms.DisableKey(caller, { KeyId });
    return keySummaryOf(rooms.kms.look(KeyId));
  },
  'keys.scheduleDeletion': async ({ rooms }, { key, days }, { caller }) => {
    const KeyId = keyReference(key);
    await rooms.kms.ScheduleKeyDeletion(caller, { KeyId, PendingWindowInDays: days });
    return keySummaryOf(rooms.kms.look(KeyId));
  },
  'keys.cancelDeletion': async ({ rooms }, { key }, { caller }) => {
    const KeyId = keyReference(key);
    await rooms.kms.CancelKeyDeletion(caller, { KeyId });
    return keySummaryOf(rooms.kms.look(KeyId));
  },
  'keys.setRotation': async ({ rooms }, { key, days }, { caller }) => {
    const KeyId = keyReference(key);
    if (days === null) await rooms.kms.DisableKeyRotation(caller, { KeyId });
    else await rooms.kms.EnableKeyRotation(caller, { KeyId, RotationPeriodInDays: days });
    return keySummaryOf(rooms.kms.look(KeyId));
  },
  'keys.exportMaterial': async ({ rooms, confirm }, input, { caller }) =>
    exportKey(rooms.kms, confirm, { ...input, key: keyReference(input.key) }, caller),
};
