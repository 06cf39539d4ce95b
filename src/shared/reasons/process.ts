/** What a disk can't do that a vault needs. */
const UNFIT_DISKS = ['flush', 'permissions', 'rename', 'database', 'socket'] as const;

/** One of them. */
export type UnfitDisk = (typeof UNFIT_DISKS)[number];

/** Settings, as words by which a sentence differs. */
const SETTINGS_TOLD = [
  'default-key',
  'idle-minutes',
  'open-files-without-audit',
  'backup-recipients',
] as const;

/** Who sends what no page of ours sends. */
const STRANGERS = ['frame-gone', 'not-our-window', 'frame-within', 'another-page'] as const;

/** One of them. */
export type Stranger = (typeof STRANGERS)[number];

/** Why something fails: processes, calls and the faces. */
export const PROCESS_REASONS = {
  'home-of-another-user': ['VaultHomeUnsafe', { path: 'text', above: 'text' }],
  'tilde-not-replaced': ['Usage', { what: 'text', path: 'text' }],
  'no-vault-yet': ['VaultNotFound', { home: 'text' }],
  'no-such-job': ['NotFoundException'],
  'job-cancelled': ['Cancelled'],
  'no-room-to-spare': ['DiskFull'],
  'stream-needed': ['Usage'],
  'endpoint-stopped': ['Cancelled'],
  'unsigned-needs-throw-away': ['UnsupportedOperationException'],
  'key-not-for-files': ['InvalidKeyUsageException', { name: 'text', usage: 'text', spec: 'text' }],
  'no-such-setting': ['Usage', { name: 'text', settings: 'texts' }],
  'vault-exists': ['VaultExists', { home: 'text' }],
  'account-malformed': ['ValidationException', { account: 'text' }],
  'region-malformed': ['ValidationException', { region: 'text' }],
  'cancelled-before-its-turn': ['Cancelled'],
  'database-and-second-file-differ': ['VaultDamaged', { path: 'text' }],
  'record-check-cancelled': ['Cancelled'],
  'open-for-rescue-only': ['VaultDamaged'],
  'restore-over-a-vault': ['VaultExists', { home: 'text' }],
  'no-such-method': ['Usage', { method: 'text' }],
  'vault-was-locked': ['Cancelled'],
  'stepped-down-meanwhile': ['Cancelled'],
  'no-endpoint-of-window': ['NotFoundException'],
  'request-too-large': ['MessageTooLarge'],
  'request-not-plain': ['ValidationException'],
  'unlock-first': ['VaultLocked'],
  'paper-no-longer-kept': ['NotFoundException'],
  'cancelled-before-change': ['Cancelled'],
  'file-no-longer-there': ['SourceNotFound'],
  'file-no-longer-known': ['NotFoundException'],
  'passphrase-not-beside-vault': ['ProtectorMissing'],
  'vault-held-elsewhere': ['OwnerBusy'],
  'not-a-file-of-that-kind': ['ValidationException', { name: 'text', length: 'number', most: 'number' }],
  'failed-inside': ['Internal'],
  'request-malformed': ['ValidationException'],
  'holder-ended': ['OwnerBusy'],
  'stream-piece-too-large': ['MessageTooLarge'],
  'stream-broken-off': ['Cancelled'],
  'holder-of-another-version': ['OwnerUnreachable', { pid: 'number' }],
  'request-names-too-many-files': ['MessageTooLarge'],
  'holder-just-ended': ['OwnerBusy'],
  'holder-does-not-answer': ['OwnerUnreachable'],
  'cancelled-while-waiting-for-holder': ['Cancelled'],
  'connection-to-holder-lost': ['OwnerUnreachable'],
  'holder-of-an-unknown-version': ['OwnerUnreachable'],
  'holder-not-reached': ['OwnerUnreachable', { why: 'text' }],
  'socket-folder-of-another-user': ['VaultHomeUnsafe', { folder: 'text', owner: 'number' }],
  'socket-folder-open-to-others': ['VaultHomeUnsafe', { folder: 'text' }],
  'message-too-large': ['MessageTooLarge', { kib: 'number' }],
  'stream-left': ['Cancelled'],
  'socket-not-made': ['OwnerUnreachable', { address: 'text', why: 'text' }],
  'request-unknown': ['UnsupportedOperationException'],
  'another-command-at-work': ['OwnerBusy'],
  'holder-busy': ['OwnerBusy'],
  'ends-do-not-understand': ['ValidationException'],
  'port-taken': ['PortInUse', { at: 'text' }],
  'port-not-permitted': ['PermissionDenied', { at: 'text' }],
  'port-not-listened': ['IoFailed', { at: 'text', why: 'text' }],
  internal: ['Internal', { what: 'text' }],
  'home-on-unfit-disk': ['VaultHomeUnsafe', { home: 'text', why: UNFIT_DISKS }],
  'home-of-somebody-else': ['VaultHomeUnsafe', { path: 'text', owner: 'number' }],
  'home-open-to-others': ['VaultHomeUnsafe', { path: 'text' }],
  'home-on-unsafe-disk': ['VaultHomeUnsafe', { home: 'text', why: ['network', 'synced'] }],
  'user-folder-unknown': ['Usage', { home: 'text', why: ['empty', 'relative'] }],
  'endpoint-listens-already': ['AlreadyExistsException', { url: 'text' }],
  'endpoint-begins-already': ['AlreadyExistsException'],
  'setting-value-wrong': ['Usage', { name: SETTINGS_TOLD, text: 'text' }],
  'input-malformed': ['ValidationException', { method: 'text', field: 'text', why: 'text' }],
  'vault-opens-for-rescue': ['OfError', { error: 'error' }],
  'request-not-from-our-page': ['AccessDeniedException', { why: STRANGERS }],
  'request-cancelled': ['Cancelled'],
  'stream-did-not-arrive': ['Cancelled'],
  'search-index-cancelled': ['Cancelled'],
  'repair-came-to-nothing': ['VaultDamaged', { firstBroken: 'number', why: 'text' }],
  'repair-cancelled': ['Cancelled'],
  'vault-put-back': ['VaultPutBack', { signs: 'text' }],
} as const;
