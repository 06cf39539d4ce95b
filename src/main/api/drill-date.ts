import { z } from 'zod';
import type { Tx } from '../store/database.ts';
import type { Records } from '../store/records.ts';
import type { Services } from './services.ts';

const ROOM = 'drills';
const LAST = 'last';

const kept = z.object({
  at: z.number().int(),
  created: z.string(),
  device: z.string(),
  sequence: z.number().int(),
});

/** The last drill that went well: when, in ms since 1970, and with which backup. */
export function lastDrill({ store, records }: Pick<Services, 'store' | 'records'>) {
  return store.read((tx) => records.get(tx, ROOM, LAST, kept));
}

/** Dates a drill that went well. */
export function noteDrill(tx: Tx, records: Records, drill: z.output<typeof kept>): void {
  records.put(tx, ROOM, LAST, drill);
}
