import type { KeyMethod } from '../../shared/contract.ts';
import type { Tag } from '../kms/types.ts';
import { type HandlersOf, keyReference } from './call.ts';
import { exportKey } from './key-export.ts';
import { keyDetailOf, keySummaryOf, pemOf } from './key-views.ts';

/** The handlers of `keys.…`. */
export const KEY_HANDLERS: HandlersOf<KeyMethod> = {
  'keys.list': async ({ rooms }, _input, { caller }) => {
    const keys = await rooms.kms.overviewOfAll(caller);
    return { keys: keys.map(keySummaryOf) };
  },
  'keys.create': async (
    { rooms },
    { alias, description, spec, usage, rotation, tags, external },
    { caller },
  ) => {
    const { KeyMetadata } = await rooms.kms.createNamedKey(caller, {
      AliasName: aliasName(alias),
      Description: description,
      ...(spec === undefined ? {} : { KeySpec: spec }),
      ...(usage === undefined ? {} : { KeyUsage: usage }),
      ...(external === undefined ? {} : { Origin: 'EXTERNAL' }),
      ...(tags === undefined ? {} : { Tags: tags.map(tagOf) }),
      ...(rotation === undefined ? {} : { RotationPeriodInDays: rotation }),
    });
    return keySummaryOf(rooms.kms.look(KeyMetadata.KeyId));
  },
  'keys.describe': async ({ rooms }, { key }, { caller }) =>
    keyDetailOf(await rooms.kms.overview(caller, { KeyId: keyReference(key) })),
  'keys.files': async ({ rooms }, { key }) => {
    const { KeyId } = rooms.kms.look(keyReference(key)).metadata;
    return rooms.store.read((tx) => rooms.files.under(tx, KeyId));
  },
  'keys.publicKey': async ({ rooms }, { key }, { caller }) => {
    const { PublicKey } = await rooms.kms.GetPublicKey(caller, { KeyId: keyReference(key) });
    return { pem: pemOf(PublicKey) };
  },
  'keys.setDescription': async ({ rooms }, { key, description }, { caller }) => {
    const KeyId = keyReference(key);
    await rooms.kms.UpdateKeyDescription(caller, { KeyId, Description: description });
    return keySummaryOf(rooms.kms.look(KeyId));
  },
  'keys.setTags': async ({ rooms }, { key, tags }, { caller }) => {
    const input = { KeyId: keyReference(key), Tags: tags.map(tagOf) };
    const { KeyId } = await rooms.kms.replaceTags(caller, input);
    return keyDetailOf(rooms.kms.look(KeyId));
  },
  'keys.addAlias': async ({ rooms }, { key, alias }, { caller }) => {
    const { KeyId } = rooms.kms.look(keyReference(key)).metadata;
    await rooms.kms.CreateAlias(caller, { AliasName: aliasName(alias), TargetKeyId: KeyId });
    return keySummaryOf(rooms.kms.look(KeyId));
  },
  'keys.moveAlias': async ({ rooms }, { key, alias }, { caller }) => {
    const { KeyId } = rooms.kms.look(keyReference(key)).metadata;
    await rooms.kms.UpdateAlias(caller, { AliasName: aliasName(alias), TargetKeyId: KeyId });
    return keySummaryOf(rooms.kms.look(KeyId));
  },
  'keys.removeAlias': async ({ rooms }, { alias }, { caller }) => {
    const AliasName = aliasName(alias);
    const { KeyId } = rooms.kms.look(AliasName).metadata;
    await rooms.kms.DeleteAlias(caller, { AliasName });
    return keySummaryOf(rooms.kms.look(KeyId));
  },
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
  'keys.setVersion': async ({ rooms }, { key, version, enabled }, { caller }) => {
    const input = { KeyId: keyReference(key), Version: version };
    const { KeyId } = enabled
      ? await rooms.kms.enableVersion(caller, input)
      : await rooms.kms.disableVersion(caller, input);
    return keyDetailOf(rooms.kms.look(KeyId));
  },
  'keys.exportMaterial': async ({ rooms, confirm }, input, { caller }) =>
    exportKey(rooms.kms, confirm, { ...input, key: keyReference(input.key) }, caller),
};

/** People write `my-files` where AWS wants `alias/my-files`; here nothing else can be meant. */
function aliasName(text: string): string {
  return text.startsWith('alias/') ? text : `alias/${text}`;
}

function tagOf({ key, value }: { readonly key: string; readonly value: string }): Tag {
  return { TagKey: key, TagValue: value };
}
