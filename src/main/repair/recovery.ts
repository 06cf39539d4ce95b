import { ENDED_ROOM, markId, SETS_ROOM } from '../unlock/recovery-rows.ts';
import { bodyOf, type Draft } from './draft.ts';

/** The rooms that `decideRecovery` decides on. */
export const ROOMS_OF_RECOVERY: readonly string[] = [ENDED_ROOM, SETS_ROOM];

const LOST =
  'No backup is made for it until it has unlocked the vault once: keyward unlock, with --recovery-file or --share-file';

/**
 * Decides for whom backups are made: only for those that are known to be live. The mark of a set that was taken away stays,
 * whatever proves it, and wins over the set. Gives the ids of the sets that are marked.
 */
export function decideRecovery(draft: Draft): Set<string> {
  const ended = new Map<string, { readonly id: string; readonly at: number }>();
  for (const mark of draft.ids(ENDED_ROOM)) {
    const found = draft.of(ENDED_ROOM, mark);
    if (found.certain && found.row === undefined) continue;
    const row = found.certain ? found.row : found.candidates[0];
    const body = row === undefined ? { id: '', ended: draft.circumstances.now } : bodyOf(row);
    draft.put(ENDED_ROOM, mark, body);
    ended.set(mark, { id: String(body['id']), at: Number(body['ended']) });
    if (!found.certain) draft.tell(ENDED_ROOM, mark, 'made-anew', 'What was taken away stays so.');
  }
  const ids = new Set([...ended.values()].map(({ id }) => id));
  for (const id of draft.ids(SETS_ROOM)) {
    const found = draft.of(SETS_ROOM, id);
    const row = found.certain ? found.row : found.candidates[0];
    if (row === undefined) {
      if (!found.certain) draft.tell(SETS_ROOM, id, 'lost', LOST);
      continue;
    }
    const body = bodyOf(row);
    const mark = ended.get(markId(String(body['certifier'])));
    if (mark !== undefined && mark.at > Number(body['created'])) {
      ids.add(id);
      draft.tell(SETS_ROOM, id, 'dropped', 'It was taken away, and stays so.');
    } else if (found.certain) draft.keep(SETS_ROOM, id, found);
    else draft.tell(SETS_ROOM, id, 'dropped', LOST);
  }
  return ids;
}
