import type { BrokenRow } from '../store/rescue/salvage-records.ts';

const VERDICTS = {
  'from-second-file': 'does not hold in vault.db and was read from vault.keys; nothing is lost by it',
  'in-doubt': 'may not be the newest of its name, for nothing proves it; it is read as it stands',
  lost: 'is lost in both files',
  added: 'was put in from outside, or is an old one put back, and is not heeded',
} as const;

const MEANINGS: { readonly [room: string]: string } = {
  keys: 'Files under this key can not be opened here; a backup has it.',
  'key-versions': 'Files under this version can not be opened here; a backup has it.',
  'key-policies': 'In rescue only you can use the key.',
  grants: 'The grant is gone.',
  clients: 'The client is gone.',
  'access-keys': 'The client is gone.',
  aliases: 'The key has lost a name, and nothing else.',
  settings: 'The default holds instead.',
  protectors: 'This way to unlock may be gone; the others are not affected.',
  audit: 'The log may be broken there; see "keyward audit verify".',
  sets: 'No file is affected.',
  'message-key-uses': 'No file is affected.',
};

/** A sentence on one row that does not hold: what is wrong, and what that means for the user's files. */
export function meaningOf({ row, verdict }: BrokenRow): string {
  const meaning =
    // What is read as it stands is not gone.
    verdict === 'lost' ? MEANINGS[row.split('/')[0] ?? ''] : '';
  return `The row ${row} ${VERDICTS[verdict]}.${meaning === '' || meaning === undefined ? '' : ` ${meaning}`}`;
}
