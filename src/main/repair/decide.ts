import type { RepairStep } from '../../shared/repair-contract.ts';
import { MAX_USES } from '../kms/operations/message-data-key.ts';
import type { RecordRow } from '../store/record-row.ts';
import {
  decideAliases,
  decideClients,
  decideGrants,
  decideProtectors,
  decideRest,
  decideSettings,
} from './access-records.ts';
import { bodyOf, Draft } from './draft.ts';
import { decideKeys, ROOMS_OF_KEYS } from './keys.ts';
import { decideRecovery, ROOMS_OF_RECOVERY } from './recovery.ts';
import { CHANGES, type Evidence, Witnesses } from './witnesses.ts';

const LOG = 'audit';
const SETS = 'sets';

/** What a repaired vault has: its rows, sorted, with their MACs, and what is told of those that are not as they were. */
export type Decision = {
  readonly rows: readonly RecordRow[];
  readonly steps: readonly RepairStep[];
  /** Whether another witness knows of later changes than the database. */
  readonly isPutBack: boolean;
};

/** What a repair is decided with besides the rows. `owner`: ARNs of the owner's faces; `now`: ms since 1970. */
type DecideOptions = {
  readonly now: number;
  readonly owner: readonly string[];
  readonly protectors: Omit<Parameters<typeof decideProtectors>[1], 'ended'>;
};

/**
 * Decides on every row of a damaged vault. What is certain stays; of the rest nothing gives anybody a right that the vault
 * may have taken away: keys come back disabled, for the owner alone; clients revoked; grants and names of keys not at all.
 */
export function decide(evidence: Evidence, { now, owner, protectors }: DecideOptions): Decision {
  const witnesses = new Witnesses(evidence);
  const draft = new Draft({ witnesses, now, owner });
  const keys = decideKeys(draft, MAX_USES);
  decideAliases(draft, keys);
  decideGrants(draft, keys);
  decideClients(draft);
  decideSettings(draft);
  decideProtectors(draft, { ...protectors, ended: decideRecovery(draft) });
  decideRest(draft, [...ROOMS_OF_KEYS, ...ROOMS_OF_RECOVERY, LOG, CHANGES, SETS]);
  draft.put(CHANGES, 'state', { change: witnesses.newestChange + 1 });
  decideBesides(draft);
  const told = new Set(draft.steps.map(({ row }) => row));
  const added = evidence.survey.broken.flatMap(({ row, verdict }): RepairStep[] =>
    verdict === 'added' && !told.has(row)
      ? [{ row, action: 'dropped', message: 'It was put in from outside, or is an old one put back.' }]
      : [],
  );
  return {
    rows: draft.rows().map(({ room, id, body }) => {
      const row = { room, id, body };
      return { ...row, mac: evidence.macOf(row) };
    }),
    steps: [...draft.steps, ...added],
    isPutBack: !witnesses.isDatabaseNewest,
  };
}

/**
 * The log's own rows: its keys as they are, for what they sign shows whether they are right, and its head only if it is
 * known. Sums over tables if they are known; the list of unfinished files begins anew, for it makes an unlock delete.
 */
function decideBesides(draft: Draft): void {
  for (const id of draft.ids(LOG)) {
    const found = draft.of(LOG, id);
    const row = found.certain || id === 'head' ? undefined : found.candidates[0];
    if (found.certain) draft.keep(LOG, id, found);
    else if (row !== undefined) draft.put(LOG, id, bodyOf(row));
  }
  for (const id of draft.ids(SETS)) {
    const found = draft.of(SETS, id);
    if (found.certain && id !== 'partials') draft.keep(SETS, id, found);
  }
}
