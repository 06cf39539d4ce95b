import type { AuditLine, AuditPage } from '../../shared/audit-contract.ts';
import { ask } from '../bridge.ts';
import { atom } from './atom.ts';

/** How many entries are asked for at a time. */
const PAGE = 200;

/** What of the log is asked for: of one key or of all, with or without those that only looked. */
type Wanted = { readonly key: string | undefined; readonly lookups: boolean };

/** The part of the log that was asked for, the newest first, and what the last page told; `next`: there are older ones. */
export type Entries = Omit<AuditPage, 'entries'> & { readonly lines: readonly AuditLine[] };

const entries = atom<Entries | undefined>(undefined);

/** The log as far as it was asked for. */
export const useAuditEntries = entries.use;

/** One line of it. */
export function useAuditEntry(seq: number): AuditLine | undefined {
  return entries.use()?.lines.find((line) => line.seq === seq);
}

/** Asks for the newest entries. */
export async function loadAuditEntries(wanted: Wanted): Promise<void> {
  const { entries: lines, ...told } = await pageOf(wanted, undefined);
  entries.set({ lines, ...told });
}

/** Asks for older ones than those that are there. */
export async function loadOlderEntries(wanted: Wanted): Promise<void> {
  const there = entries.get();
  if (there?.next === undefined) return;
  const { entries: older, ...told } = await pageOf(wanted, there.next);
  const mismatched = [...(there.mismatched ?? []), ...(told.mismatched ?? [])];
  entries.set({ lines: [...there.lines, ...older], ...told, mismatched });
}

function pageOf({ key, lookups }: Wanted, before: number | undefined): Promise<AuditPage> {
  return ask('audit.list', {
    ...{ limit: PAGE, lookups },
    ...(key === undefined ? {} : { key }),
    ...(before === undefined ? {} : { before }),
  });
}
