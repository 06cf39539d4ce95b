import type { Progress, VaultStatus } from '../../../shared/contract.ts';
import { isKeywardError, say, sayError } from '../../../shared/errors.ts';
import { byGravity, type Finding, type HealthMethod } from '../../../shared/findings.ts';
import { clock } from '../../health/clock.ts';
import { copies } from '../../health/copies.ts';
import { drillDue } from '../../health/drill.ts';
import { type DatedKey, keyDates } from '../../health/key-dates.ts';
import { surroundings } from '../../health/surroundings.ts';
import { waysIn } from '../../health/unlock-methods.ts';
import { KeyRows } from '../../kms/keys/key-store.ts';
import { newestEntry } from '../maintenance.ts';
import { checkRecords } from '../record-check.ts';
import type { Services } from '../services.ts';
import type { HandlerContext, HandlersOf } from './handler-context.ts';

/** How many keys a quick look reads at most; more are read only by a full one. */
const MAX_QUICK_KEYS = 2_000;
const FULL_STEPS = 3;

/** The handler of the vault's health. */
export const HEALTH_HANDLERS: HandlersOf<HealthMethod> = {
  'health.check': async (ctx, { full }, { signal, progress }) => {
    const status = await ctx.status();
    const found = [...(status.findings ?? []), ...(await looked(ctx, status, full))];
    if (full) found.push(...(await checked(ctx, status, signal, progress)));
    return { full, findings: byGravity(unique(found)) };
  },
};

/** What a look finds that does not read everything. */
async function looked(
  { services, home }: HandlerContext,
  status: VaultStatus,
  full: boolean,
): Promise<Finding[]> {
  const { store, audit, device, vault, clock: time } = services;
  const { backups, auditTrouble } = status;
  const now = time.now();
  const found = [
    ...store.read(waysIn),
    ...clock(now, newestEntry(services)),
    ...(await surroundings(home)),
    ...(full || (status.keys ?? 0) <= MAX_QUICK_KEYS ? keyDates(datedKeys(services), now) : []),
  ];
  if (auditTrouble !== undefined) found.push(unwritable(auditTrouble));
  if (backups === undefined) return found;
  const own = store.read((tx) => device.facts(tx));
  const { folders, last } = backups;
  return [
    ...found,
    ...drillDue(backups, now),
    ...(await copies({
      ...{ home, vault: vault.id, device: own, folders, last, now },
      hashAt: (seq) => audit.hashAt(seq),
    })),
  ];
}

/** What reading all rows and all entries finds. Throws `Cancelled`. */
async function checked(
  { services, anchored, home }: HandlerContext,
  { rescue }: VaultStatus,
  signal: AbortSignal,
  progress: (progress: Progress) => void,
): Promise<Finding[]> {
  const { store, records, audit, files } = services;
  const tell = (done: number) =>
    progress({
      done,
      total: FULL_STEPS,
      file: Math.min(done + 1, FULL_STEPS),
      files: FULL_STEPS,
      source: home,
    });
  const found: Finding[] = [];
  tell(0);
  // A vault that is open for rescue has told row by row what does not hold.
  if (rescue === undefined) found.push(...(await rowsOf(() => checkRecords(store, records, signal))));
  tell(1);
  if ((await files.verify(store, signal)) === false) found.push(catalogChanged());
  tell(2);
  const verdict = await anchored(await audit.verify(signal));
  tell(FULL_STEPS);
  if (!verdict.ok) return [...found, verdict.part === 'entries' ? logBroken(verdict) : indexChanged()];
  return [...found, ...(verdict.cuts ?? []).map(logCut)];
}

async function rowsOf(check: () => Promise<void>): Promise<Finding[]> {
  try {
    await check();
    return [];
  } catch (error) {
    if (!isKeywardError(error, 'VaultDamaged')) throw error;
    return [{ kind: 'RecordsDamaged', ...sayError(error) }];
  }
}

function datedKeys({ store, records }: Services): DatedKey[] {
  const rows = new KeyRows(records);
  return store.read((tx) => {
    const names = new Map(rows.aliases(tx).map(({ id, body }) => [body.target, id.replace(/^alias\//, '')]));
    return rows.keys(tx).map(({ id, body }) => ({
      id,
      name: names.get(id) ?? id,
      state: body.state,
      ...(body.deletion === undefined ? {} : { deletion: body.deletion.date }),
      ...(body.external?.expires === undefined ? {} : { expires: body.external.expires }),
      ...(body.rotation === undefined ? {} : { rotates: body.rotation.next }),
    }));
  });
}

function catalogChanged(): Finding {
  return {
    kind: 'CatalogChanged',
    ...say('catalog-changed'),
  };
}

function indexChanged(): Finding {
  return {
    kind: 'LogIndexChanged',
    ...say('log-index-changed'),
  };
}

function logBroken({ firstBroken, why }: { readonly firstBroken: number; readonly why: string }): Finding {
  return {
    kind: 'LogBroken',
    ...say('log-does-not-hold', { firstBroken, why }),
  };
}

function logCut(after: number): Finding {
  return {
    kind: 'LogCut',
    ...say('log-cut', { after }),
  };
}

function unwritable({ since, held }: NonNullable<VaultStatus['auditTrouble']>): Finding {
  return {
    kind: 'LogUnwritable',
    ...say('log-unwritable', { since, held }),
  };
}

/** Reports the same sentence once, wherever it was found. */
function unique(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((each) => [`${each.kind} ${each.message}`, each])).values()];
}
