import { vi } from 'vitest';
import { KeyRows } from '../../../src/main/kms/keys/key-store.ts';
import { but, found, type InputOf, type Make, operation, paged, pendingDeletion } from './observing.ts';
import { GONE, there } from './world.ts';

const ofKey: Make<{ KeyId: string }> = async (world) => ({ KeyId: await world.key() });

const tags: Make<InputOf<'TagResource'>> = async (world) => ({
  KeyId: await world.key(),
  Tags: [{ TagKey: 'a', TagValue: 'b' }],
});

const described: Make<InputOf<'UpdateKeyDescription'>> = async (world) => ({
  KeyId: await world.key(),
  Description: 'd',
});

const untag: Make<InputOf<'UntagResource'>> = async (world) => ({ KeyId: await world.key(), TagKeys: ['a'] });

let names = 0;
const alias: Make<InputOf<'CreateAlias'>> = async (world) => {
  names += 1;
  return { AliasName: `alias/name-${names}`, TargetKeyId: await world.key() };
};

const moved: Make<InputOf<'UpdateAlias'>> = async (world) => {
  const { AliasName } = await named(world);
  return { AliasName, TargetKeyId: await world.key() };
};

const named: Make<InputOf<'DeleteAlias'>> = async (world) => {
  const input = await alias(world);
  await world.kms.createAlias(input);
  return { AliasName: input.AliasName };
};

/** The same with a target whose deletion is scheduled, and one that has all the names that it can have. */
function targets(make: Make<InputOf<'CreateAlias'>>) {
  return {
    NotFoundException: but(make, { TargetKeyId: GONE }),
    KMSInvalidStateException: async (world) => {
      const input = await make(world);
      await world.kms.scheduleKeyDeletion({ KeyId: there(input.TargetKeyId) });
      return input;
    },
    LimitExceededException: async (world) => {
      const input = await make(world);
      for (let n = 0; n < 50; n++) {
        await world.kms.createAlias({ ...input, AliasName: `${input.AliasName}-${n}` });
      }
      return input;
    },
  } satisfies { [error: string]: Make<InputOf<'CreateAlias'>> };
}

/** Keys, their states, tags and names. */
export const KEYS = [
  ...operation(
    'CreateKey',
    () => ({ Description: 'd', Tags: [{ TagKey: 'a', TagValue: 'b' }] }),
    ['KeyMetadata'],
    {
      ValidationException: () => ({ KeySpec: 'HMAC_256' }),
      MalformedPolicyDocumentException: () => ({ Policy: '{}' }),
      TagException: () => ({ Tags: [{ TagKey: 'aws:a', TagValue: '' }] }),
      UnsupportedOperationException: () => ({ MultiRegion: true }),
      LimitExceededException: () => {
        // To make 100,000 keys would take minutes.
        vi.spyOn(KeyRows.prototype, 'keyCount').mockReturnValueOnce(100_000);
        return {};
      },
    },
  ),
  ...operation('DescribeKey', ofKey, ['KeyMetadata'], {
    ...found(ofKey),
    InvalidGrantTokenException: async (world) => ({ KeyId: await world.key(), GrantTokens: ['none'] }),
  }),
  ...operation('ListKeys', () => ({}), ['Keys', 'Truncated'], {
    ...paged<InputOf<'ListKeys'>>(() => ({})),
    ValidationException: () => ({ Limit: 0 }),
  }),
  ...operation('EnableKey', ofKey, [], {
    ...found(ofKey),
    KMSInvalidStateException: pendingDeletion(ofKey),
  }),
  ...operation('DisableKey', ofKey, [], {
    ...found(ofKey),
    KMSInvalidStateException: pendingDeletion(ofKey),
  }),
  ...operation('ScheduleKeyDeletion', ofKey, ['DeletionDate', 'KeyId', 'KeyState', 'PendingWindowInDays'], {
    ...found(ofKey),
    KMSInvalidStateException: pendingDeletion(ofKey),
    ValidationException: async (world) => ({ KeyId: await world.key(), PendingWindowInDays: 6 }),
  }),
  ...operation('CancelKeyDeletion', pendingDeletion(ofKey), ['KeyId'], {
    ...found(ofKey),
    KMSInvalidStateException: ofKey,
  }),
  ...operation('UpdateKeyDescription', described, [], {
    ...found(described),
    KMSInvalidStateException: pendingDeletion(described),
  }),
  ...operation(
    'GetKeyLastUsage',
    async (world) => {
      const input = await ofKey(world);
      await world.kms.generateDataKey({ ...input, KeySpec: 'AES_256' });
      return input;
    },
    ['KeyCreationDate', 'KeyId', 'KeyLastUsage', 'TrackingStartDate'],
    found(ofKey),
  ),
  ...operation('TagResource', tags, [], {
    ...found(tags),
    KMSInvalidStateException: pendingDeletion(tags),
    TagException: but(tags, {
      Tags: Array.from({ length: 51 }, (_, n) => ({ TagKey: `${n}`, TagValue: '' })),
    }),
  }),
  ...operation('UntagResource', untag, [], {
    ...found(untag),
    KMSInvalidStateException: pendingDeletion(untag),
  }),
  ...operation('ListResourceTags', ofKey, ['Tags', 'Truncated'], {
    ...found<InputOf<'ListResourceTags'>>(ofKey),
    ...paged<InputOf<'ListResourceTags'>>(ofKey),
  }),
  ...operation('CreateAlias', alias, [], {
    ...targets(alias),
    AlreadyExistsException: async (world) => ({ ...(await named(world)), TargetKeyId: await world.key() }),
    InvalidAliasNameException: but(alias, { AliasName: 'alias/aws/name' }),
  }),
  ...operation('UpdateAlias', moved, [], targets(moved)),
  ...operation('DeleteAlias', named, [], { NotFoundException: () => ({ AliasName: 'alias/none' }) }),
  ...operation('ListAliases', ofKey, ['Aliases', 'Truncated'], {
    ...found<InputOf<'ListAliases'>>(ofKey),
    ...paged<InputOf<'ListAliases'>>(ofKey),
    ValidationException: () => ({ Limit: 1_001 }),
  }),
  ...operation('DescribeCustomKeyStores', () => ({}), ['CustomKeyStores', 'Truncated'], {
    ...paged<InputOf<'DescribeCustomKeyStores'>>(() => ({})),
    CustomKeyStoreNotFoundException: () => ({ CustomKeyStoreName: 'none' }),
    ValidationException: () => ({ Limit: 0 }),
  }),
];
