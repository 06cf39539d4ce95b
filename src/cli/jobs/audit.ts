import type { AuditLine } from '../../shared/audit-contract.ts';
import { fail } from '../../shared/errors.ts';
import { countText } from '../../shared/measures.ts';
import { escapeText } from '../../shared/safe-text.ts';
import type { VaultOptions } from '../common-options.ts';
import type { Console } from '../console.ts';
import { shortKey } from '../key-names.ts';
import { columns, momentText } from '../text/columns.ts';
import { withVault } from '../vault/access.ts';
import type { Vault } from '../vault/vault.ts';
import type { AuditListOptions } from './options.ts';

/** Marks an entry that is not as Keyward wrote it. */
const FORGED = 'NOT GENUINE';

/** How many entries are asked for at a time. */
const PAGE = 1_000;

/** `audit list` */
export async function listAudit(console: Console, options: AuditListOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const { entries, next, mismatched, unindexed } = await found(console, vault, options);
    console.document({
      entries,
      ...(next === undefined ? {} : { next }),
      ...(mismatched.length === 0 ? {} : { mismatched }),
      ...(unindexed === undefined ? {} : { unindexed }),
    });
    if (entries.length === 0) console.say('No entries that fit.');
    for (const line of columns(entries.map((entry) => columnsOf(console, entry)))) console.say(line);
    if (entries.some(({ intact }) => !intact)) {
      console.note(
        `What is marked ${FORGED} is not as Keyward wrote it, or what came before it was taken away: don't believe it. See where the log stops holding with: keyward audit verify`,
      );
    }
    if (mismatched.length > 0) {
      console.note(
        `The search index led to ${countText(mismatched.length, 'entry that does', 'entries that do')} not fit, so it was changed from outside, and what fits may be missing here. See what is wrong with: keyward audit verify`,
      );
    }
    if (unindexed !== undefined) {
      console.note(
        `The search index is still being built: it lacks the oldest ${countText(unindexed, 'entry', 'entries')}. They were read one by one.`,
      );
    }
  });
}

/** The entries that fit, by as many pages as it takes, and what was told with them. */
async function found(console: Console, vault: Vault, options: AuditListOptions) {
  const { limit, all, before, key, principal, event, outcome, messageId, file, lookups, since, until } =
    options;
  const wanted = {
    ...(key === undefined ? {} : { key }),
    ...(principal === undefined ? {} : { principal }),
    ...(event === undefined ? {} : { event }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(lookups ? {} : { lookups }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(messageId === undefined ? {} : { file: { messageId } }),
    ...(file === undefined ? {} : { file: { path: console.absolute(file) } }),
  };
  const entries: AuditLine[] = [];
  const mismatched: number[] = [];
  const most = all ? Number.POSITIVE_INFINITY : limit;
  for (let from = before; ; ) {
    const page = await vault.call('audit.list', {
      ...wanted,
      limit: Math.min(PAGE, most - entries.length),
      ...(from === undefined ? {} : { before: from }),
    });
    entries.push(...page.entries);
    mismatched.push(...(page.mismatched ?? []));
    from = page.next;
    if (from !== undefined && entries.length < most) continue;
    return { entries, mismatched, next: from, unindexed: page.unindexed };
  }
}

function columnsOf(console: Console, entry: AuditLine): string[] {
  return [
    String(entry.seq),
    momentText(entry.eventTime),
    escapeText(entry.eventName),
    escapeText(entry.principal.replace(/^arn:aws:iam::\d{12}:(user\/)?/, '')),
    entry.keyNames
      .map((name) => escapeText(name.startsWith('alias/') ? name.slice(6) : shortKey(name)))
      .join(', '),
    [
      entry.intact ? '' : console.style.bad(FORGED),
      entry.errorCode === undefined ? '' : console.style.bad(escapeText(entry.errorCode)),
      filePart(console, entry.file),
    ]
      .filter((part) => part !== '')
      .join('  '),
  ];
}

/** `audit verify` */
export async function verifyAudit(console: Console, options: VaultOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const verdict = await vault.call('audit.verify', {});
    if (!verdict.ok) {
      const { part, entries, firstBroken, why } = verdict;
      throw fail(
        part === 'index' ? 'audit-index-changed' : 'audit-chain-broken',
        { firstBroken: firstBroken ?? 0, why: why.replace(/\.$/, '') },
        { part, entries, firstBroken, why },
      );
    }
    const { entries, segments, head, unindexed, cuts } = verdict;
    console.document({ entries, segments, head, unindexed, ...(cuts === undefined ? {} : { cuts }) });
    console.say(
      `The chain holds: ${countText(entries, 'entry', 'entries')} in ${countText(segments, 'segment')}, up to ${head.seq}.`,
    );
    for (const cut of cuts ?? []) {
      console.say(`A repair took the log up again behind entry ${cut}: what stood there before is missing.`);
    }
    console.say(console.style.dim(`Newest hash ${head.hash}`));
  });
}

/** `audit reindex` */
export async function reindexAudit(console: Console, options: VaultOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const { entries } = await vault.call('audit.reindex', {});
    console.document({ entries });
    console.say(`The search index was built anew from ${countText(entries, 'entry', 'entries')}.`);
  });
}

function filePart(console: Console, file: string | undefined): string {
  return file === undefined ? '' : console.path(file);
}
