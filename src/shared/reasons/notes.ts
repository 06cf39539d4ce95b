import type { ParamKind } from './reason-table.ts';

/** Ways to unlock, as words by which a sentence differs. */
const WAYS = ['passphrase', 'recovery-phrase', 'keychain', 'shares'] as const;

/** What is known of a row that does not hold. */
const VERDICTS = ['from-second-file', 'in-doubt', 'lost', 'added'] as const;

/** Rooms whose rows mean something to people; `other`: no more is said. */
const ROOMS = [
  ...['keys', 'key-versions', 'key-policies', 'grants', 'clients', 'access-keys', 'aliases', 'settings'],
  ...['protectors', 'audit', 'sets', 'message-key-uses', 'other'],
] as const;

/** What is told that is no error: findings. Each with what its sentence is made with. */
export const NOTE_REASONS = {
  'backup-old': { day: 'text' },
  'backups-on-same-disk': {},
  'no-copy-left': {},
  'newest-backup-of-another-log': { folder: 'text' },
  'no-backup-yet': {},
  'no-backup-possible': {},
  'backup-failed': { path: 'text', why: 'text' },
  'never-drilled': {},
  'drill-long-ago': { day: 'text', days: 'number' },
  'way-damaged': { kind: WAYS },
  'one-way-in': { kind: WAYS },
  'key-deletion-near': { name: 'text', day: 'text' },
  'material-expires': { name: 'text', day: 'text' },
  'rotation-overdue': { name: 'text', day: 'text' },
  'rotation-near': { name: 'text', day: 'text' },
  'clock-behind': { now: 'text', seen: 'text' },
  'core-dumps-allowed': {},
  'disk-low': { size: 'text' },
  'damaged-file-kept': { path: 'text' },
  'left-unfinished': { path: 'text' },
  'open-to-others': { path: 'text' },
  'log-does-not-hold': { firstBroken: 'number', why: 'text' },
  'log-cut': { after: 'number' },
  'log-index-changed': {},
  'log-unwritable': { since: 'text', held: 'number' },
  'catalog-changed': {},
  'catalog-entered-anew': {},
  'jobs-changed': {},
  'partial-not-ours': { path: 'text' },
  'partial-kept': { path: 'text' },
  'tree-made-anew': {},
  'keys-file-behind': {},
  'keys-file-unwritable': { error: 'error' },
  'keys-file-made-anew': {},
  'newer-keys-file': { path: 'text' },
  'partial-notes-changed': {},
  'way-changed': { id: 'text', kind: WAYS, what: ['removed', 'changed', 'added'] },
  'log-changed': { firstBroken: 'number', why: 'text' },
  'open-for-rescue': { error: 'error' },
  'more-rows': { rest: 'number' },
  'row-broken': { row: 'text', verdict: VERDICTS, room: ROOMS },
  'revocation-unfinished': {},
} as const satisfies { readonly [reason: string]: { readonly [param: string]: ParamKind } };
