import type { KeyMethod } from '../../../shared/contract.ts';
import type { Tag } from '../../kms/types.ts';
import { keyReference } from '../key-reference.ts';
import type { HandlersOf } from './handler-context.ts';
import { exportKey } from './key-export.ts';
import { keyDetailOf, keySummaryOf, pemOf } from './key-views.ts';

/** The handlers of `keys.…`. */
export const KEY_HANDLERS: HandlersOf<KeyMethod> = {
  'keys.list': async ({ services }, _input, { caller }) => {
    const keys = await services.kms.overviewOfAll(caller);
    return { keys: keys.map(keySummaryOf) };
  },
  'keys.create': async (
    { services },
    { alias, description, spec, usage, rotation, tags, external },
    { caller },
  ) => {
    const { KeyMetadata } = await services.kms.createNamedKey(caller, {
      AliasName: aliasName(alias),
      Description: description,
      ...(spec === undefined ? {} : { KeySpec: spec }),
      ...(usage === undefined ? {} : { KeyUsage: usage }),
      ...(external === undefined ? {} : { Origin: 'EXTERNAL' }),
      ...(tags === undefined ? {} : { Tags: tags.map(tagOf) }),
      ...(rotation === undefined ? {} : { RotationPeriodInDays: rotation }),
    });
    return keySummaryOf(services.kms.look(KeyMetadata.KeyId));
  },
  'keys.describe': async ({ services }, { key }, { caller }) =>
    keyDetailOf(await services.kms.overview(caller, { KeyId: keyReference(key) })),
  'keys.files': async ({ services }, { key }) => {
    const { KeyId } = services.kms.look(keyReference(key)).metadata;
    return services.store.read((tx) => services.files.under(tx, KeyId));
  },
  'keys.publicKey': async ({ services }, { key }, { caller }) => {
    const { PublicKey } = await services.kms.GetPublicKey(caller, { KeyId: keyReference(key) });
    return { pem: pemOf(PublicKey) };
  },
  'keys.setDescription': async ({ services }, { key, description }, { caller }) => {
    const KeyId = keyReference(key);
    await services.kms.UpdateKeyDescription(caller, { KeyId, Description: description });
    return keySummaryOf(services.kms.look(KeyId));
  },
  'keys.setTags': async ({ services }, { key, tags }, { caller }) => {
    const input = { KeyId: keyReference(key), Tags: tags.map(tagOf) };
    const { KeyId } = await services.kms.replaceTags(caller, input);
    return keyDetailOf(services.kms.look(KeyId));
  },
  'keys.addAlias': async ({ services }, { key, alias }, { caller }) => {
    const { KeyId } = services.kms.look(keyReference(key)).metadata;
    await services.kms.CreateAlias(caller, { AliasName: aliasName(alias), TargetKeyId: KeyId });
    return keySummaryOf(services.kms.look(KeyId));
  },
  'keys.moveAlias': async ({ services }, { key, alias }, { caller }) => {
    const { KeyId } = services.kms.look(keyReference(key)).metadata;
    await services.kms.UpdateAlias(caller, { AliasName: aliasName(alias), TargetKeyId: KeyId });
    return keySummaryOf(services.kms.look(KeyId));
  },
  'keys.removeAlias': async ({ services }, { alias }, { caller }) => {
    const AliasName = aliasName(alias);
    const { KeyId } = services.kms.look(AliasName).metadata;
    await services.kms.DeleteAlias(caller, { AliasName });
    return keySummaryOf(services.kms.look(KeyId));
  },
  'keys.rotate': async ({ services }, { key }, { caller }) => {
    const { KeyId } = await services.kms.RotateKeyOnDemand(caller, { KeyId: keyReference(key) });
    return keySummaryOf(services.kms.look(KeyId));
  },
  'keys.enable': async ({ services }, { key }, { caller }) => {
    const KeyId = keyReference(key);
    await services.kms.EnableKey(caller, { KeyId });
    return keySummaryOf(services.kms.look(KeyId));
  },
  'keys.disable': async ({ services }, { key }, { caller }) => {
    const KeyId = keyReference(key);
    await services.kms.DisableKey(caller, { KeyId });
    return keySummaryOf(services.kms.look(KeyId));
  },
  'keys.scheduleDeletion': async ({ services }, { key, days }, { caller }) => {
    const KeyId = keyReference(key);
    await services.kms.ScheduleKeyDeletion(caller, { KeyId, PendingWindowInDays: days });
    return keySummaryOf(services.kms.look(KeyId));
  },
  'keys.cancelDeletion': async ({ services }, { key }, { caller }) => {
    const KeyId = keyReference(key);
    await services.kms.CancelKeyDeletion(caller, { KeyId });
    return keySummaryOf(services.kms.look(KeyId));
  },
  'keys.setRotation': async ({ services }, { key, days }, { caller }) => {
    const KeyId = keyReference(key);
    if (days === null) await services.kms.DisableKeyRotation(caller, { KeyId });
    else await services.kms.EnableKeyRotation(caller, { KeyId, RotationPeriodInDays: days });
    return keySummaryOf(services.kms.look(KeyId));
  },
  'keys.setVersion': async ({ services }, { key, version, enabled }, { caller }) => {
    const input = { KeyId: keyReference(key), Version: version };
    const { KeyId } = enabled
      ? await services.kms.enableVersion(caller, input)
      : await services.kms.disableVersion(caller, input);
    return keyDetailOf(services.kms.look(KeyId));
  },
  'keys.exportMaterial': async ({ services, confirm }, input, { caller }) =>
    exportKey(services.kms, confirm, { ...input, key: keyReference(input.key) }, caller),
};

/** People write `my-files` where AWS wants `alias/my-files`; here nothing else can be meant. */
function aliasName(text: string): string {
  return text.startsWith('alias/') ? text : `alias/${text}`;
}

function tagOf({ key, value }: { readonly key: string; readonly value: string }): Tag {
  return { TagKey: key, TagValue: value };
}
