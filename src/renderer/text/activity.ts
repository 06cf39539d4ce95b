import type { AuditLine } from '../../shared/audit-contract.ts';
import { escaped } from './file-names.ts';
import { ownValue } from './own-property.ts';

type Say = (file: string) => string;

const EVENTS: { readonly [name: string]: Say } = {
  InitVault: () => 'Vault made',
  RestoreVault: () => 'Vault restored from a backup',
  CreateBackup: () => 'Backup made',
  AddBackupFolder: () => 'Folder for backups named',
  RemoveBackupFolder: () => 'Folder for backups taken back',
  Unlock: () => 'Unlocked',
  Lock: () => 'Locked',
  CreateKey: () => 'Key made',
  CreateAlias: () => 'Name given to a key',
  UpdateKeyDescription: () => 'Description changed',
  EnableKey: () => 'Key enabled',
  DisableKey: () => 'Key disabled',
  RotateKeyOnDemand: () => 'New version made',
  RotateKey: () => 'New version made on schedule',
  EnableKeyRotation: () => 'Rotation set',
  DisableKeyRotation: () => 'Rotation ended',
  DisableKeyVersion: () => 'Version disabled',
  EnableKeyVersion: () => 'Version enabled',
  ImportKeyMaterial: () => 'Key material imported',
  DeleteImportedKeyMaterial: () => 'Imported material deleted',
  ScheduleKeyDeletion: () => 'Deletion of a key scheduled',
  CancelKeyDeletion: () => 'Deletion of a key taken back',
  DeleteKeyDue: () => 'Deletion of a key has come due',
  DeleteKey: () => 'Key shredded',
  UpdateAlias: () => 'Name moved to another key',
  DeleteAlias: () => 'Name taken away',
  TagResource: () => 'Tags changed',
  UntagResource: () => 'Tags taken off',
  PutKeyPolicy: () => 'Policy changed',
  CreateGrant: () => 'Grant made',
  RevokeGrant: () => 'Grant revoked',
  RetireGrant: () => 'Grant retired',
  CreateClient: () => 'Client made',
  RevokeClient: () => 'Client revoked',
  StartEndpoint: () => 'Endpoint started',
  StopEndpoint: () => 'Endpoint stopped',
  StepDown: () => 'Stepped down',
  StepUp: () => 'Stepped up',
  AddProtector: () => 'Way to unlock added',
  ReplaceProtector: () => 'Way to unlock replaced',
  RemoveProtector: () => 'Way to unlock removed',
  GenerateDataKey: (file) => (file === '' ? 'Data key made' : `Encrypted ${file}`),
  Encrypt: () => 'Encrypted a value',
  Decrypt: (file) => (file === '' ? 'Data key opened' : `Opened ${file}`),
  ReEncrypt: () => 'Re-encrypted a value',
  RewrapDataKey: (file) => (file === '' ? 'Data key moved' : `Moved ${file} to the newest version`),
  SetConfig: () => 'Setting changed',
  AuditGap: () => 'What follows could not be written when it happened',
  RebuildAuditIndex: () => 'Search index of the log built anew',
  AuditResumed: () => 'The log could be written again',
  PartialRefused: (file) => `A record of ${file} that was not the vault's own was dropped`,
  CatalogChanged: () => 'What is known of files was changed from outside',
  JobsChanged: () => 'What is kept of jobs was changed from outside',
  KeysFileNewer: () => 'An older vault.db was put back; the newer keys file is kept beside it',
  LogChanged: () => 'The log was changed from outside',
  PartialsChanged: () => 'What was noted of unfinished files was changed from outside',
  ProtectorsChanged: () => 'A way to unlock was changed from outside',
  RecordsChanged: () => 'A row of the vault was changed from outside',
  SchemaChanged: () => 'The database of the vault was changed from outside',
  ForgetPartial: (file) => `${file}, left unfinished on a disk that is gone, is looked after no more`,
  TreeMended: () => 'A damaged part of the vault was made anew; nothing was lost',
  UnreadableEntry: () => 'An entry that can no longer be read',
};

/** A line of the log as a sentence; one that is not as Keyward wrote it says that before anything else. */
export function sentence(entry: AuditLine): string {
  return entry.intact ? told(entry) : `Not genuine: ${told(entry)}`;
}

function told(entry: AuditLine): string {
  const file = entry.file === undefined ? '' : escaped(fileName(entry.file));
  const name = words(entry.eventName);
  if (entry.errorCode !== undefined)
    return `Refused: ${name.toLowerCase()}${file === '' ? '' : ` for ${file}`}`;
  return ownValue(EVENTS, entry.eventName)?.(file) ?? name;
}

/** Who did it, for people. */
export function actor(principal: string): string {
  // What nobody did, or nobody known, is in the account's name.
  if (principal.endsWith(':root')) return 'The vault';
  const who = principal.split('/').at(-1);
  if (who === 'owner') return 'You';
  if (who === 'operator' || who === 'auditor') return `You, ${who}`;
  return who === 'cli' ? 'Command' : (who ?? principal);
}

/** The last part of a path of any system. */
export function fileName(path: string): string {
  return path.split(/[/\\]/).at(-1) ?? path;
}

function words(name: string): string {
  const spaced = name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
