import type { Finding } from '../../shared/findings.ts';

/** In a few words; the finding itself says the rest and what to do next. */
const TITLES: { readonly [K in Finding['kind']]: string } = {
  CatalogChanged: 'What is known of files was changed',
  KeysFileBehind: 'The second file is behind',
  KeysFileNewer: 'An older vault was put back',
  KeysFileRenewed: 'The second file was made anew',
  JobsChanged: 'The list of jobs was changed',
  LogChanged: 'The log was changed',
  PartialsChanged: 'The notes on unfinished files were changed',
  ProtectorsChanged: 'A way to unlock was changed',
  RecordsChanged: 'The vault was changed',
  SchemaChanged: 'The database was changed',
  PartialRefused: 'A note that is not the vault’s own',
  PartialKept: 'Something was left unfinished',
  RevocationUnfinished: 'A revocation was not finished',
  RecordsDamaged: 'The vault is damaged',
  Rescue: 'Open for rescue',
  RowDamaged: 'Damaged',
  TreeMended: 'A damaged part was made anew',
  NoBackup: 'No backup yet',
  NoBackupPossible: 'No backup is possible yet',
  BackupFailed: 'A backup could not be made',
  BackupOld: 'The last backup is old',
  BackupOnSameDisk: 'The backup is on the vault’s own disk',
  OneWayIn: 'There is one way in only',
  ProtectorDamaged: 'A way to unlock is damaged',
  NoSecondCopy: 'No second copy is left',
  NoDrill: 'The recovery was never practised',
  DrillOld: 'The recovery was long not practised',
  VaultDamaged: 'The vault is damaged',
  VaultPutBack: 'An older vault was put back',
  Unfinished: 'Something was left unfinished',
  DamagedFileKept: 'A damaged file is kept',
  LogBroken: 'The log does not hold',
  LogCut: 'The log begins anew',
  LogIndexChanged: 'The index of the log was changed',
  LogUnwritable: 'The log can’t be written',
  KeyDeletionNear: 'A key is about to be deleted',
  KeyRotationNear: 'A key is about to rotate',
  KeyRotationOverdue: 'A key should have rotated',
  MaterialExpires: 'A key’s material expires',
  HomeOpenToOthers: 'Others can read the vault’s folder',
  DiskLow: 'The disk is nearly full',
  ClockBehind: 'The clock is behind',
  CoreDumpsAllowed: 'A crash may leave keys on the disk',
};

/** What is said above every place: left alone, keys or the way in may be lost. */
const SERIOUS: readonly Finding['kind'][] = [
  'KeysFileNewer',
  'LogChanged',
  'ProtectorsChanged',
  'RecordsChanged',
  'RecordsDamaged',
  'SchemaChanged',
];

/** Whether a finding is said above every place, not under Health alone. */
export function isSerious({ kind }: Finding): boolean {
  return SERIOUS.includes(kind);
}

/** What a finding is about. */
export function findingTitle({ kind }: Finding): string {
  return TITLES[kind];
}
