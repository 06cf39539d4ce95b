import { sha256 } from '../crypto/hash.ts';
import type { ReadTx } from '../store/database.ts';
import type { DoneBackup } from './folders.ts';

/** After how long a change of anything but keys goes into a backup, in milliseconds. */
const DAY = 86_400_000;

/** Rooms whose changes don't wait for the day: keys, who may use them, how the vault opens, for whom backups are. */
const AT_ONCE = [
  'access-keys',
  'aliases',
  'clients',
  'ended-recovery-sets',
  'grants',
  'key-policies',
  'key-versions',
  'keys',
  'protectors',
  'recovery-recipients',
  'settings',
  'shredded-keys',
];

/** What tells whether any of those rows changed: 64 hex digits. It is for planning only, and checks nothing. */
export function markOf(tx: ReadTx): string {
  const rooms = AT_ONCE.map((room) => `'${room}'`).join(', ');
  const rows = tx.all<{ mac: Buffer }>(`SELECT mac FROM records WHERE room IN (${rooms}) ORDER BY room, id`);
  return sha256(...rows.map(({ mac }) => mac)).toString('hex');
}

/** Whether a folder wants a backup. `mark` and `head`: as the vault has them now; `now`: ms since 1970. */
export function isDue(
  last: Pick<DoneBackup, 'at' | 'mark' | 'head'> | undefined,
  { mark, head, now }: { readonly mark: string; readonly head: number; readonly now: number },
): boolean {
  if (last === undefined || last.mark !== mark) return true;
  return last.head !== head && Math.abs(now - last.at) >= DAY;
}
