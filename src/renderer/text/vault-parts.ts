import type { Finding } from '../../shared/findings.ts';
import { escaped } from './file-names.ts';
import { keyName } from './keys.ts';
import { ownValue } from './own-property.ts';

/** How a key is called, by its id. */
export type NameOf = (keyId: string) => string;

/** One row of the vault: which room it is in, and its own name there. */
type Part = { readonly room: string; readonly id: string };

/** A row's name as the vault writes it, `room/id`, in two. */
export function partOf(row: string): Part {
  const at = row.indexOf('/');
  return at < 0 ? { room: row, id: '' } : { room: row.slice(0, at), id: row.slice(at + 1) };
}

const OF_A_KEY = ['keys', 'key-versions', 'key-policies', 'grants', 'shredded-keys', 'message-key-uses'];

/** The id of the key that a row is about; undefined: it is about none. */
export function keyOf(row: string): string | undefined {
  const { room, id } = partOf(row);
  return OF_A_KEY.includes(room) ? id.split('/')[0] : undefined;
}

/** What people call a key whose aliases are known by its id; else the beginning of the id. */
export function namesOf(names: { readonly [keyId: string]: string }): NameOf {
  return (keyId) => {
    const alias = ownValue(names, keyId);
    return alias === undefined ? `${keyId.slice(0, 8)}…` : keyName({ keyId, aliases: [alias] });
  };
}

const SETTINGS: { readonly [name: string]: string } = {
  'default-key': 'The setting which key new files get',
  'idle-minutes': 'The setting when the vault locks by itself',
  'open-files-without-audit': 'The setting whether files open while the log can’t be written',
  'backup-recipients': 'The setting for whom backups are made',
};

const ROOMS: { readonly [room: string]: string } = {
  'access-keys': 'How a program shows who it is',
  protectors: 'A way to unlock',
  audit: 'What the log knows of itself',
  sets: 'A checksum over a table',
  device: 'What this installation knows of itself',
  'backup-folders': 'Where backups go',
  backups: 'What is known of the last backup',
  'recovery-recipients': 'For whom backups are made',
  'former-logs': 'What is known of an earlier log',
  'former-uses': 'A counter of an earlier installation',
  'put-back': 'A note that you have read',
  vault: 'What the vault knows of itself',
};

/** What a row is, in words for people, as the beginning of a sentence. */
export function partName(row: string, nameOf: NameOf): string {
  const { room, id } = partOf(row);
  const key = `“${escaped(nameOf(keyOf(row) ?? ''))}”`;
  switch (room) {
    case 'keys':
      return `The key ${key}`;
    case 'key-versions':
      return `A version of the key ${key}`;
    case 'key-policies':
      return `Who may use the key ${key}`;
    case 'grants':
      return `A permission for the key ${key}`;
    case 'shredded-keys':
      return `The note that the key ${key} was destroyed`;
    case 'message-key-uses':
      return `A counter of the key ${key}`;
    case 'aliases':
      return `The name “${escaped(keyName({ keyId: id, aliases: [id] }))}” of a key`;
    case 'clients':
      return `The program “${escaped(id)}”`;
    case 'settings':
      return ownValue(SETTINGS, id) ?? `The setting ${escaped(id)}`;
    default:
      return ownValue(ROOMS, room) ?? `A part that Keyward keeps for itself (${escaped(row)})`;
  }
}

type Damaged = NonNullable<Finding['row']>;

const VERDICTS: { readonly [V in Damaged['verdict']]: string } = {
  'from-second-file': 'is damaged in one file and was read from the other. Nothing is lost by it.',
  'in-doubt': 'may be an older copy. It is used as it stands.',
  lost: 'is lost.',
  added: 'was put in from outside, or is an old copy. It is not used.',
};

const LOST: { readonly [room: string]: string } = {
  keys: 'Files encrypted under it can’t be opened here; a backup has it.',
  'key-versions': 'Files encrypted under that version can’t be opened here; a backup has it.',
  'key-policies': 'For now you alone can use it.',
  grants: 'Whoever had it can’t use the key any more.',
  clients: 'It can’t use the vault any more.',
  'access-keys': 'The program can’t use the vault any more.',
  aliases: 'The key is there still.',
  settings: 'What Keyward begins with holds instead.',
  protectors: 'The other ways to unlock are not touched.',
  audit: 'The log may be broken there.',
};

/** What is wrong with a damaged row, and what that means for the user's files. */
export function damageText({ name, verdict }: Damaged, nameOf: NameOf): string {
  const meaning = verdict === 'lost' ? (ownValue(LOST, partOf(name).room) ?? 'No file is affected.') : '';
  return `${partName(name, nameOf)} ${VERDICTS[verdict]}${meaning === '' ? '' : ` ${meaning}`}`;
}
