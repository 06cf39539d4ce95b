import {
  ENDED_ROOM,
  endedSetRow,
  isEndedBy,
  markId,
  PHRASE,
  recoverySetRow,
  SETS_ROOM,
} from '../../unlock/recovery-rows.ts';
import type { Union } from './union.ts';

/**
 * Ends the recovery sets that were taken away on the other side. None comes along from there: who may open a vault is said
 * where it lives. The phrase of a vault that lives stays, for without one it would have no backups; that is told.
 */
export function uniteRecoverySets({ here, there, mode, changes, notes }: Union): void {
  const live = new Map(
    here.list(SETS_ROOM, recoverySetRow).map(({ id, body }) => [markId(body.certifier), { id, body }]),
  );
  for (const { id: mark, body: theirs } of there.list(ENDED_ROOM, endedSetRow)) {
    const set = live.get(mark);
    if (set !== undefined) {
      if (!isEndedBy(set.body, theirs)) continue;
      if (set.id === PHRASE && mode === 'whole') {
        notes.push(PHRASE_STAYS);
        continue;
      }
      here.remove(SETS_ROOM, set.id);
      const name = set.id === PHRASE ? 'the recovery phrase' : 'the set of shares';
      changes.push({ kind: 'recovery-ended', id: set.id, name });
    }
    const mine = here.get(ENDED_ROOM, mark, endedSetRow);
    if (mine === undefined || mine.ended < theirs.ended) here.put(ENDED_ROOM, mark, theirs);
  }
}

const PHRASE_STAYS =
  'The recovery phrase of this vault was replaced or taken away there. It still opens this vault and its backups; if it was meant to end here too, replace it: keyward protectors replace recovery-phrase';
