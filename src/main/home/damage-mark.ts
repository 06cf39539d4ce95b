import { join } from 'node:path';
import { isKeywardError } from '../../shared/errors.ts';
import { moveFlushed, replaceFlushed } from '../disk/durable-file.ts';
import { exists } from '../disk/exists.ts';

const markAt = (home: string) => join(home, 'run', 'damaged');

/** Notes that a row was found damaged behind the open vault: the next unlock checks all before it opens. */
export function markDamaged(home: string): void {
  tolerant(() => replaceFlushed(markAt(home), Buffer.alloc(0)));
}

/** Whether a row was found damaged since all were last known to hold. */
export function isMarkedDamaged(home: string): boolean {
  return exists(markAt(home));
}

/** Takes the note back. */
export function clearDamaged(home: string): void {
  tolerant(() => moveFlushed(markAt(home), `${markAt(home)}-no-more`));
}

/** A disk that can't be written costs a later unlock its turn to rescue, and nothing else. */
function tolerant(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!isKeywardError(error)) throw error;
  }
}
