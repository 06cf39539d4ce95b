/** What is wrong with the files of a backup. */
const BACKUP_TROUBLES = [
  'manifest-missing',
  'manifest-broken',
  'manifest-of-another',
  'age-missing',
  'age-cut',
  'age-longer',
  'age-of-another',
  'unreadable',
] as const;

/** One of them. */
export type BackupTrouble = (typeof BACKUP_TROUBLES)[number];

const BACKUP_FAULTS = [
  ...BACKUP_TROUBLES,
  ...['does-not-open', 'not-what-manifest-says', 'row-of-no-backup', 'material', 'not-whole'],
] as const;

/** Why a backup can't be restored from. */
export type BackupFault = (typeof BACKUP_FAULTS)[number];

/** Why something fails: backups. */
export const BACKUP_REASONS = {
  'backup-in-vault': ['TargetInVault', { path: 'text' }],
  'folder-gets-no-backups': ['BackupNotFound', { path: 'text' }],
  'backup-folder-is-file': ['Usage', { path: 'text' }],
  'row-does-not-open': ['VaultDamaged', { row: 'text' }],
  'no-backup-there': ['BackupNotFound', { path: 'text' }],
  'phrase-not-of-backup': ['WrongRecoveryPhrase', { path: 'text', vault: 'text' }],
  'backup-not-certified': ['BackupNotCertified', { path: 'text', device: 'text' }],
  'backup-part-too-long': ['BackupDamaged', { path: 'text' }],
  'backup-reads-back-differently': ['IoFailed', { path: 'text' }],
  'backup-not-restorable': ['BackupDamaged', { path: 'text' }],
  'backup-damaged': ['BackupDamaged', { path: 'text', why: BACKUP_FAULTS, key: 'text?' }],
  'throw-away-has-no-backups': ['NoRecoveryRecipient'],
  'no-recovery-recipient': ['NoRecoveryRecipient'],
  'backup-not-of-damaged-vault': ['BackupDamaged', { path: 'text' }],
  'phrase-formerly-of-vault': ['WrongRecoveryPhrase', { path: 'text' }],
  'backup-row-not-understood': ['BackupDamaged', { path: 'text' }],
  'backup-older': ['BackupOlder', { path: 'text', created: 'text' }],
  'vault-changed-since-compared': ['VaultChanged', { path: 'text' }],
  'no-such-difference': ['ValidationException', { id: 'text' }],
  'backup-of-other-vault': ['BackupOfOtherVault', { path: 'text', vault: 'text' }],
  'drilled-file-does-not-open': ['RecoveryDrillFailed', { path: 'text', error: 'error' }],
  'drilled-file-differs': ['RecoveryDrillFailed', { path: 'text', backup: 'text' }],
  'backup-no-longer-there': ['SourceNotFound', { path: 'text' }],
} as const;
