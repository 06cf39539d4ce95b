import type { RepairPlan } from '../../shared/repair-contract.ts';
import type { TakenOver } from '../audit/take-over.ts';
import type { DamagedFiles } from '../home/damaged-vault.ts';
import type { RecordRow } from '../store/record-row.ts';
import { readableRows } from '../store/rescue/readable-rows.ts';

/** What becomes of the log, in a sentence. `undefined`: it begins anew. */
export function logWords(log: TakenOver | undefined): RepairPlan['log'] {
  if (log === undefined) {
    return {
      ...{ entries: 0, lost: 0, cut: true },
      message: 'No entry of the log can be read: it begins anew, and says so in its first entry.',
    };
  }
  const { entries, known, isCut, isEndKnown } = log;
  const lost = known - entries;
  const end = isEndKnown ? '' : ' Where it ended is not known: newer entries may be missing.';
  const message =
    lost === 0
      ? `The log goes on with all of its ${entries} entries.${end}`
      : `The log holds up to entry ${entries}; ${lost} later ones can't go on in it. They stay in the damaged file.${end}`;
  return { entries, lost, cut: isCut, message };
}

/** What else is to be known before a repair: outputs that no unlock will look after any more. */
export function notesOf({ database }: DamagedFiles): string[] {
  const paths =
    database?.read((from) =>
      readableRows(from, { table: 'partials', columns: { id: 'integer', path: 'text' }, key: ['id'] }),
    ) ?? [];
  return paths.map(
    ({ path }) =>
      `What was left unfinished at ${path} is not looked after any more. If it is there, remove it yourself.`,
  );
}

/** What keys are called, by id: the first alias of each among rows of any witness. */
export function namesIn(rows: Iterable<Pick<RecordRow, 'room' | 'id' | 'body'>>): { [key: string]: string } {
  const names = new Map<string, string>();
  for (const { room, id, body } of rows) {
    if (room !== 'aliases') continue;
    const { target } = JSON.parse(body.toString()) as { target?: unknown };
    if (typeof target === 'string' && !names.has(target)) names.set(target, id);
  }
  return Object.fromEntries(names);
}
