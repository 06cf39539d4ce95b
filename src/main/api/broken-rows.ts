import { type Said, say } from '../../shared/errors.ts';
import { NOTE_REASONS } from '../../shared/reasons/notes.ts';
import type { BrokenRow } from '../store/rescue/salvage-records.ts';

const { room: ROOMS } = NOTE_REASONS['row-broken'];

/** What is told of one row that does not hold: what is wrong, and what that means for the user's files. */
export function meaningOf({ row, verdict }: BrokenRow): Said {
  const room = ROOMS.find((name) => name === row.split('/')[0]) ?? 'other';
  return say('row-broken', { row, verdict, room });
}
