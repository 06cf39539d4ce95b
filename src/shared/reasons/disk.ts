/** Why a standard stream can't be used. */
const STREAM_REFUSALS = ['folder', 'no-bytes', 'closed', 'datagrams'] as const;

/** One of them. */
export type StreamRefusal = (typeof STREAM_REFUSALS)[number];

/** What can fail with a file or a stream; it completes "could not". */
const DOINGS = [
  'read',
  'write',
  'create',
  'open',
  'close',
  'list',
  'find',
  'remove',
  'flush',
  'resize',
  'look-at',
  'look-at-the-disk-of',
  'rename-into-place',
  'put-into-place',
  'make-the-folder',
  'set-the-permissions-of',
  'set-the-owner-of',
  'set-the-times-of',
  'flush-the-folder',
  'open-for-writing',
  'not-begun',
] as const;

/** One of them. */
export type Doing = (typeof DOINGS)[number];

const STEP = { doing: DOINGS, path: 'text' } as const;

/** Why the system refused a step. */
const CAUSES = {
  'nothing-there': ['SourceNotFound', STEP],
  'part-of-path-no-folder': ['SourceNotFound', STEP],
  'is-a-folder': ['SourceIsFolder', STEP],
  'permission-denied': ['PermissionDenied', STEP],
  'not-permitted': ['PermissionDenied', STEP],
  'folder-encrypted': ['PermissionDenied', STEP],
  'sign-in-refused': ['PermissionDenied', STEP],
  'disk-full': ['DiskFull', STEP],
  'quota-used-up': ['DiskFull', STEP],
  'file-too-large': ['DiskFull', STEP],
  'disk-read-only': ['DiskReadOnly', STEP],
  'name-taken': ['TargetExists', STEP],
  'folder-not-empty': ['TargetExists', STEP],
  'name-too-long': ['NameTooLong', STEP],
  'not-taken-by-disk': ['IoFailed', STEP],
  'characters-not-taken-by-disk': ['IoFailed', STEP],
  'in-use-elsewhere': ['FileBusy', STEP],
  'running-program': ['FileBusy', STEP],
  'locked-elsewhere': ['FileBusy', STEP],
  'endless-links': ['SourceUnreadable', STEP],
  'too-many-open-files': ['IoFailed', STEP],
  'out-of-memory': ['IoFailed', STEP],
  interrupted: ['IoFailed', STEP],
  'disk-error': ['IoFailed', STEP],
  'file-system-damaged': ['IoFailed', STEP],
  'disk-gone': ['IoFailed', STEP],
  'no-disk-in-drive': ['IoFailed', STEP],
  'unreadable-kind-of-disk': ['IoFailed', STEP],
  'drive-off': ['IoFailed', STEP],
  'network-folder-gone': ['IoFailed', STEP],
  'device-silent': ['IoFailed', STEP],
  'disk-not-able': ['IoFailed', STEP],
  'other-end-stopped': ['IoFailed', STEP],
  'given-up': ['IoFailed', STEP],
  'step-failed': ['IoFailed', { ...STEP, why: 'text' }],
  'error-without-name': ['IoFailed', STEP],
  'error-of-another-kind': ['IoFailed', { ...STEP, which: 'text' }],
  'name-not-allowed': ['NameNotAllowed', { path: 'text' }],
  'character-not-allowed': ['NameNotAllowed', { path: 'text', character: 'text' }],
  'stream-closed': ['IoFailed', { doing: DOINGS, path: 'text' }],
  'stream-refused': ['SourceNotRegular', { why: STREAM_REFUSALS }],
  'output-refused': ['IoFailed', { why: STREAM_REFUSALS }],
} as const;

/** A reason that needs nothing but the step. */
export type CauseReason = Exclude<keyof typeof CAUSES, 'step-failed' | 'error-of-another-kind'>;

/** Why something fails: files and streams of the system. */
export const DISK_REASONS = {
  ...CAUSES,
  'not-a-regular-file': ['SourceNotRegular', { path: 'text' }],
  'nothing-taken': ['IoFailed', { path: 'text' }],
  'file-of-the-open-vault': ['SourceUnreadable', { path: 'text' }],
  'output-took-nothing': ['IoFailed'],
  'device-ended-early': ['IoFailed', { name: 'text', length: 'number', size: 'number' }],
  'input-cut-short': ['SourceChanged', { name: 'text', length: 'number', size: 'number' }],
  cancelled: ['Cancelled'],
  'name-not-allowed': ['NameNotAllowed', { path: 'text' }],
  'character-not-allowed': ['NameNotAllowed', { path: 'text', character: 'text' }],
  'stream-closed': ['IoFailed', { doing: DOINGS, path: 'text' }],
  'stream-refused': ['SourceNotRegular', { why: STREAM_REFUSALS }],
  'output-refused': ['IoFailed', { why: STREAM_REFUSALS }],
  'cancelled-while-waiting': ['Cancelled'],
  'input-changed': ['SourceChanged', { name: 'text' }],
} as const;
