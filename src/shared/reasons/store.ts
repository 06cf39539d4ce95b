/** What is wrong with the beginning or the length of a database. */
const HEADER_FAULTS = ['empty', 'cut', 'beginning', 'byte', 'bytes-18-19', 'end'] as const;

/** One of them. */
export type HeaderFault = (typeof HEADER_FAULTS)[number];

/** What is wrong with a row. */
const ROW_FAULTS = ['changed', 'old', 'removed', 'put-in', 'not-understood'] as const;

/** One of them. */
export type RowFault = (typeof ROW_FAULTS)[number];

/** Why something fails: the database, and jobs. */
export const STORE_REASONS = {
  'no-vault-at': ['VaultNotFound', { path: 'text' }],
  'database-not-sound': ['VaultDamaged', { path: 'text', found: 'text' }],
  'lease-held': ['LeaseHeld'],
  'lease-lost': ['LeaseHeld'],
  'records-removed-or-old': ['VaultDamaged'],
  'database-or-journal-not-sound': ['VaultDamaged', { path: 'text' }],
  'vault-exists-at': ['VaultExists', { path: 'text' }],
  'vault-newer': ['VaultNewer', { path: 'text' }],
  'database-not-ours': ['VaultDamaged', { path: 'text' }],
  'row-impossible': ['VaultDamaged', { row: 'text', column: 'text' }],
  'vault-file-moved': ['DiskReadOnly', { path: 'text' }],
  'tree-root-changed': ['VaultDamaged', { row: 'text', rows: 'text' }],
  'tree-node-damaged': ['VaultDamaged', { row: 'text' }],
  'database-not-whole': ['VaultDamaged', { path: 'text', what: HEADER_FAULTS, count: 'number?' }],
  'identity-damaged': ['VaultDamaged', { what: ['missing', 'changed'] }],
  'row-damaged': ['VaultDamaged', { row: 'text', what: ROW_FAULTS }],
  'schema-changed': [
    'VaultDamaged',
    { path: 'text', object: 'text', what: ['put-in', 'changed', 'missing'] },
  ],
  'database-disk-full': ['DiskFull', { path: 'text' }],
  'database-quota-used-up': ['DiskFull', { path: 'text' }],
  'database-read-only': ['DiskReadOnly', { path: 'text' }],
  'database-pages-not-sound': ['VaultDamaged', { path: 'text' }],
  'database-written-elsewhere': ['OwnerBusy', { path: 'text' }],
  'database-not-permitted': ['PermissionDenied', { path: 'text' }],
  'database-not-opened': ['IoFailed', { path: 'text' }],
  'database-disk-error': ['IoFailed', { path: 'text' }],
  'database-changed-while-open': ['VaultDamaged', { path: 'text', why: 'text' }],
} as const;
