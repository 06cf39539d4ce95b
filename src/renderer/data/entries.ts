import type { AuditLine } from '../../shared/audit-contract.ts';
import { ask } from '../bridge.ts';
import { cell } from './atom.ts';

/** How many entries are asked for at a time. */
const PAGE = 200;

/** The part of the log that was asked for, the newest first; `more`: there are older ones. */
export type Entries = { readonly lines: readonly AuditLine[]; readonly more: boolean };

const entries = cell<Entries | undefined>(undefined);

/** The log as far as it was asked for. */
export const useEntries = entries.use;

/** One line of it. */
export function useEntry(seq: number): AuditLine | undefined {
  return entries.use()?.lines.find((line) => line.seq === seq);
}

/** Asks for the newest entries, of one key or of all. */
export async function loadEntries(key: string | undefined): Promise<void> {
  const { entries: lines } = await ask('audit.list', { limit: PAGE, ...(key === undefined ? {} : { key }) });
  entries.set({ lines, more: lines.length === PAGE });
}

/** Asks for older ones than those that are there. */
export async function loadOlder(key: string | undefined): Promise<void> {
  const there = entries.get()?.lines ?? [];
  const before = there.at(-1)?.seq;
  const { entries: older } = await ask('audit.list', {
    limit: PAGE,
    ...(before === undefined ? {} : { before }),
    ...(key === undefined ? {} : { key }),
  });
  entries.set({ lines: [...there, ...older], more: older.length === PAGE });
}
