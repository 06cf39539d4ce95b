import { claimHolder, isClaimed, ownerAddress } from '../../main/home/owner-record.ts';
import { resolveHome } from '../../main/home/paths.ts';
import { OwnerClient } from '../../main/owner/client.ts';
import type { VaultStatus } from '../../shared/contract.ts';
import { fromErrorBody } from '../../shared/errors.ts';
import type { FindingKind } from '../../shared/findings.ts';
import { countText } from '../../shared/measures.ts';
import { escapeText } from '../../shared/safe-text.ts';
import type { Console } from '../console.ts';
import { shortReference } from '../key-names.ts';
import { drillText, folderText } from '../text/backup-text.ts';
import { columns, momentText } from '../text/columns.ts';
import { noteText } from '../text/error-text.ts';

/** `status`: never unlocks and never asks. */
export async function status(console: Console): Promise<void> {
  let unreachable: { readonly pid: number } | undefined;
  const facts = await statusOf(resolveHome(console.around.env), console.signal, (pid) => {
    unreachable = { pid };
    console.note(
      `Process ${pid} has the vault and can't be reached, as while it unlocks. End it with: keyward lock`,
    );
  });
  const health = await healthOf(resolveHome(console.around.env), facts, console.signal);
  console.document({
    ...facts,
    ...(unreachable === undefined ? {} : { unreachable }),
    ...(health === undefined ? {} : { health }),
  });
  if (console.json) return;
  const rows: (readonly string[])[] = [
    ['Vault', console.path(facts.home)],
    ['State', facts.rescue === true ? RESCUE : STATES[facts.state]],
  ];
  if (facts.damaged !== undefined) rows.push(['Damaged', escapeText(facts.damaged)], ['', DAMAGED]);
  const { owner } = facts;
  if (owner !== undefined) {
    rows.push(['Held by', `${HOLDERS[owner.kind]} ${owner.pid} since ${momentText(owner.since)}`]);
    rows.push(['Locks', lockWords(owner, facts.endpoint !== undefined)]);
  }
  if (owner?.role !== undefined) rows.push(['Stepped down', `to ${owner.role}; back with: keyward step-up`]);
  if (facts.endpoint !== undefined) rows.push(['KMS endpoint', facts.endpoint.url]);
  if (facts.account !== undefined)
    rows.push(['Account', escapeText(`${facts.account}, region ${facts.region ?? ''}`)]);
  if (facts.protectors !== undefined) {
    rows.push([
      'Unlocks with',
      facts.protectors.length === 0
        ? 'nothing that stands in vault.db'
        : escapeText(facts.protectors.map(({ kind }) => kind.replace('-', ' ')).join(', ')),
    ]);
  }
  if (facts.shares !== undefined)
    rows.push(['Shares', `any ${facts.shares.threshold} of ${facts.shares.shares} open it`]);
  if (facts.keys !== undefined) {
    const chosen =
      facts.defaultKey === undefined ? '' : `, default ${escapeText(shortReference(facts.defaultKey))}`;
    rows.push(['Keys', `${facts.keys}${chosen}`]);
  }
  if (facts.auditHead !== undefined) rows.push(['Audit', countText(facts.auditHead.seq, 'entry', 'entries')]);
  if (facts.auditTrouble !== undefined) rows.push(['', troubleWords(facts.auditTrouble)]);
  for (const row of backupRows(console, facts.backups)) rows.push(row);
  if (health !== undefined && health.length > 0)
    rows.push(['Health', `${countText(health.length, 'finding')}; see: keyward doctor`]);
  for (const finding of facts.findings ?? []) rows.push(['Found', noteText(finding)]);
  for (const path of facts.unfinished ?? [])
    rows.push(['Unfinished', `${console.path(path)}, on record; the next unlock looks after it`]);
  if (facts.throwAway === true) rows.push(['Kind', 'a throw-away vault, for trying things out']);
  if (facts.selfTests !== undefined) rows.push(['Self-tests', selfTestWords(facts.selfTests)]);
  rows.push(['Software', `${facts.software}, ${facts.runtime}`]);
  for (const line of columns(rows, 200)) console.say(line);
}

type Owner = NonNullable<VaultStatus['owner']>;

const STATES = {
  none: 'no vault yet. Make one with: keyward init, or bring yours back: keyward backup restore FOLDER',
  locked: 'locked',
  unlocked: 'unlocked',
} as const;

const RESCUE = 'open for rescue: the vault is damaged, and nothing can be changed';

const DAMAGED =
  'With the passphrase or the recovery phrase it opens for rescue: keyward decrypt works as ever';

const HOLDERS = {
  background: 'background process',
  window: 'window, process',
  command: 'command, process',
} as const;

function backupRows(console: Console, backups: VaultStatus['backups']): string[][] {
  if (backups === undefined) return [];
  const { last, folders, drill } = backups;
  const newest = folders.some(({ path }) => path === last?.path) ? undefined : last;
  return [
    ...(newest === undefined
      ? []
      : [['Backup', `${momentText(newest.at)} in ${console.path(newest.path)}, and read back`]]),
    ...folders.map((folder) => ['Backups', `${console.path(folder.path)}: ${folderText(folder)}`]),
    ...(last === undefined ? [] : [['Recovery', drillText(drill)]]),
  ];
}

function lockWords({ kind, idleMinutes }: Owner, serves: boolean): string {
  if (kind === 'command') return 'when that command ends';
  if (serves) return 'not for being idle while it serves';
  return idleMinutes === null ? 'not for being idle' : `after ${countText(idleMinutes, 'idle minute')}`;
}

const TROUBLES = {
  VaultMoved: ["the vault's file was removed or replaced", 'Put it back before you lock'],
  DiskFull: ['the disk is full', 'Free some space'],
  DiskReadOnly: ['the disk is read-only', 'Make it writable'],
  IoFailed: ['the disk reports errors', 'Check the disk'],
} as const;

function troubleWords({ because, since, held }: NonNullable<VaultStatus['auditTrouble']>): string {
  const [why, remedy] = TROUBLES[because];
  const waiting = held === 0 ? '' : ` ${countText(held, 'entry', 'entries')} in memory until then.`;
  return `CAN'T BE WRITTEN since ${momentText(since)}: ${why}. ${remedy}; it goes on by itself.${waiting}`;
}

/** The kinds of what `doctor` has to say of a vault that somebody holds, but for notes; `undefined` of any other. */
async function healthOf(
  home: string,
  { state }: VaultStatus,
  signal: AbortSignal,
): Promise<FindingKind[] | undefined> {
  const client = state === 'unlocked' ? await OwnerClient.connect(ownerAddress(home), signal) : undefined;
  const answer = await client?.call('health.check', { full: false }, { signal });
  client?.close();
  if (answer?.ok !== true) return undefined;
  return answer.value.findings.filter(({ level }) => level !== 'note').map(({ kind }) => kind);
}

/** The state of the vault, by the process that holds it or without one. Never unlocks. */
export async function statusOf(
  home: string,
  signal: AbortSignal,
  unreached: (pid: number) => void,
): Promise<VaultStatus> {
  const client = await OwnerClient.connect(ownerAddress(home), signal);
  if (client !== undefined) {
    const answer = await client.call('vault.status', {}, { signal });
    client.close();
    if (answer.ok) return answer.value;
    // The owner ended between the two: what follows says how things stand without it.
    if (answer.error.code !== 'OwnerBusy' && answer.error.code !== 'OwnerUnreachable') {
      throw fromErrorBody(answer.error);
    }
  }
  const pid = claimHolder(home);
  if (pid !== undefined && (await isClaimed(home).catch(() => true))) unreached(pid);
  const { lockedStatus } = await import('../../main/home/locked-status.ts');
  return lockedStatus(home);
}

function selfTestWords(tests: NonNullable<VaultStatus['selfTests']>): string {
  const failed = tests.filter(({ ok }) => !ok);
  if (failed.length > 0) return `FAILED: ${failed.map(({ name }) => name).join(', ')}`;
  const time = tests.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return `${tests.length} passed in ${Math.round(time)} ms`;
}
