import type { WindowStatus } from '../../shared/bridge.ts';
import { isDrillOld } from '../../shared/drill-age.ts';
import { fileName } from './activity.ts';
import { day } from './format.ts';

/** How a vault stands towards its loss: what is wrong asks for something to be done. */
type RecoveryState = { readonly tone: 'good' | 'warn' | 'bad'; readonly text: string };

/** A day as people say it beside today: "today", "yesterday", "on 12 March 2026". */
export function dayFromToday(iso: string, now: Date): string {
  const midnight = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
  const days = Math.round((midnight(now) - midnight(new Date(iso))) / 86_400_000);
  if (days === 0) return 'today';
  return days === 1 ? 'yesterday' : `on ${day(iso)}`;
}

/** The state of an open vault in one sentence or two; only what is known to be true. */
export function recoveryState(status: WindowStatus, now: Date): RecoveryState {
  if (status.rescue === true) {
    return {
      tone: 'bad',
      text: 'This vault is damaged. It is open for rescue, and can’t be backed up as it is.',
    };
  }
  if (status.backups === undefined) {
    return { tone: 'warn', text: 'This vault was made to look around in, so it gets no backups.' };
  }
  if (status.findings?.some(({ kind }) => kind === 'NoBackupPossible') === true) {
    return {
      tone: 'bad',
      text: 'No backup is possible yet: the vault knows no recovery phrase that could open one.',
    };
  }
  const { last, folders, drill } = status.backups;
  if (last === undefined) {
    return { tone: 'bad', text: 'There is no backup. If this disk is lost, so is every key.' };
  }
  const checked =
    drill === undefined ? 'phrase never checked' : `phrase checked ${dayFromToday(drill.at, now)}`;
  const made = `Backed up ${dayFromToday(last.at, now)} on ${fileName(last.path)}; ${checked}.`;
  const failed = folders.filter(({ trouble }) => trouble !== undefined).map(({ path }) => fileName(path));
  if (failed.length > 0) {
    return { tone: 'bad', text: `${made} The last attempt on ${failed.join(', ')} failed.` };
  }
  if (folders.length === 0) {
    return { tone: 'warn', text: `${made} No folder gets backups by itself.` };
  }
  const isTried = drill !== undefined && !isDrillOld(drill.at, now.getTime());
  return { tone: isTried ? 'good' : 'warn', text: made };
}
