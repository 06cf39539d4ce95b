/** What rules over a key; never by a grant. */
export const ADMIN_ACTIONS: readonly string[] = [
  'GetKeyPolicy',
  'PutKeyPolicy',
  'DisableKey',
  'EnableKey',
  'RotateKeyOnDemand',
  'ScheduleKeyDeletion',
  'CancelKeyDeletion',
  'UpdateKeyDescription',
  'CreateAlias',
  'TagResource',
  'ListGrants',
  'RevokeGrant',
];
