import { isKeywardError, say } from '../../shared/errors.ts';
import type { Finding, HealthFinding } from '../../shared/findings.ts';
import { byGravity } from '../../shared/findings.ts';
import { factsAt } from '../disk/tree.ts';
import { openDatabase } from '../home/database.ts';
import { lockedStatus } from '../home/locked-status.ts';
import { databasePath } from '../home/paths.ts';
import { clock } from './clock.ts';
import { surroundings } from './surroundings.ts';
import { waysIn } from './unlock-methods.ts';

/** What can be found of a vault that nobody holds; whether its rows hold, only an unlock can tell. Throws as `lockedStatus`. */
export async function lockedHealth(home: string): Promise<HealthFinding[]> {
  const { damaged, unfinished } = await lockedStatus(home);
  const facts = await factsAt(databasePath(home), true);
  const seen = facts === undefined ? undefined : Number(facts.modified / 1_000_000n);
  return byGravity([
    ...(damaged === undefined ? protectorsOf(home) : [{ kind: 'VaultDamaged' as const, message: damaged }]),
    ...(unfinished ?? []).map(
      (path): Finding => ({ kind: 'Unfinished', ...say('left-unfinished', { path }) }),
    ),
    ...clock(Date.now(), seen),
    ...(await surroundings(home)),
  ]);
}

function protectorsOf(home: string): Finding[] {
  try {
    const store = openDatabase(home);
    try {
      return store.read(waysIn);
    } finally {
      store.close();
    }
  } catch (error) {
    if (!isKeywardError(error)) throw error;
    return [];
  }
}
