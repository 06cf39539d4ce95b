/** What rules over a key; never by a grant. */
export const RULING: readonly string[] = [
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
