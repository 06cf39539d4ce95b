import type { FindingKind } from '../../shared/findings.ts';
import type { Place } from '../data/view.ts';

/**
 * What to do about a finding in the window: a place to go to and the heading there, the page of the key that it is about,
 * the vault's folder, to lock; or something that only the user can do, in words.
 */
type NextStep =
  | { readonly to: 'place'; readonly word: string; readonly place: Place; readonly section?: string }
  | { readonly to: 'key'; readonly word: string }
  | { readonly to: 'home'; readonly word: string; readonly text: string }
  | { readonly to: 'lock'; readonly word: string; readonly text: string }
  | { readonly to: 'forget' }
  | { readonly to: 'words'; readonly text: string };

const DAMAGE: NextStep = { to: 'place', word: 'See what is damaged', place: 'recovery', section: 'damage' };
const WAYS: NextStep = { to: 'place', word: 'Go to the ways in', place: 'recovery', section: 'ways' };
const LOG: NextStep = { to: 'place', word: 'Look at the log', place: 'activity' };
const DRILL: NextStep = { to: 'place', word: 'Practise the recovery', place: 'recovery', section: 'drill' };
const backups = (word: string): NextStep => ({ to: 'place', word, place: 'recovery', section: 'backups' });
const folder = (text: string): NextStep => ({ to: 'home', word: 'Show the vault’s folder', text });
const lockAndSee: NextStep = {
  to: 'lock',
  word: 'Lock the vault',
  text: 'Lock the vault and unlock it again: what does not hold is then told row by row, and your files still open.',
};

const STEPS: { readonly [K in FindingKind]: NextStep } = {
  Rescue: DAMAGE,
  RowDamaged: DAMAGE,
  VaultDamaged: DAMAGE,
  RecordsDamaged: lockAndSee,
  RecordsChanged: lockAndSee,
  SchemaChanged: lockAndSee,
  ProtectorDamaged: WAYS,
  ProtectorsChanged: WAYS,
  OneWayIn: WAYS,
  RevocationUnfinished: WAYS,
  NoBackupPossible: WAYS,
  LogBroken: LOG,
  LogChanged: LOG,
  LogIndexChanged: LOG,
  LogCut: LOG,
  PartialsChanged: LOG,
  JobsChanged: LOG,
  CatalogChanged: { to: 'place', word: 'Go to the files', place: 'files' },
  KeysFileRenewed: { to: 'words', text: 'If it happens again, have the disk checked.' },
  TreeMended: { to: 'words', text: 'If it happens again, have the disk checked.' },
  KeysFileBehind: folder('Make room on the disk of the vault; the next change writes it.'),
  KeysFileNewer: folder('Keep a copy of the folder before anything else.'),
  PartialRefused: {
    to: 'words',
    text: 'Look at the file that is named, and remove it if it is an unfinished one.',
  },
  PartialKept: { to: 'forget' },
  Unfinished: lockAndSee,
  DamagedFileKept: folder('Remove the file once nothing is missing.'),
  NoBackup: backups('Choose a folder for backups'),
  BackupFailed: backups('Go to the backups'),
  BackupOld: backups('Make a backup'),
  BackupOnSameDisk: backups('Choose a folder on another disk'),
  NoSecondCopy: backups('Make a backup'),
  NoDrill: DRILL,
  DrillOld: DRILL,
  VaultPutBack: folder('Keep a copy of the folder before anything else.'),
  KeyRotationOverdue: { to: 'key', word: 'Go to the key' },
  KeyRotationNear: { to: 'key', word: 'Go to the key' },
  KeyDeletionNear: { to: 'key', word: 'Go to the key' },
  MaterialExpires: { to: 'key', word: 'Go to the key' },
  LogUnwritable: folder('Make room on the disk of the vault, or make it writable.'),
  HomeOpenToOthers: folder('Take away what others may do with the folder and its files.'),
  DiskLow: folder('Make room on the disk of the vault.'),
  ClockBehind: { to: 'words', text: 'Set the clock of this computer.' },
  CoreDumpsAllowed: {
    to: 'words',
    text: 'Have whoever looks after this computer turn off the files that it writes after a crash (core dumps).',
  },
};

/** What to do about a finding. */
export function nextStep(kind: FindingKind): NextStep {
  return STEPS[kind];
}
