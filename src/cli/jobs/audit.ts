import { KeywardError } from '../../shared/errors.ts';
import type { Console } from '../console.ts';
import { shortKey } from '../names.ts';
import type { VaultOptions } from '../options.ts';
import { inert } from '../text/escape.ts';
import { columns, countText, momentText } from '../text/measures.ts';
import { withVault } from '../vault/access.ts';
import type { AuditListOptions } from './options.ts';

/** Marks an entry that is not as Keyward wrote it. */
const FORGED = 'NOT GENUINE';

/** `audit list` */
export async function listAudit(console: Console, options: AuditListOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const { entries } = await vault.call('audit.list', {
      limit: options.limit,
      ...(options.before === undefined ? {} : { before: options.before }),
      ...(options.key === undefined ? {} : { key: options.key }),
      ...(options.event === undefined ? {} : { event: options.event }),
    });
    console.document({ entries });
    if (entries.length === 0) console.say('No entries that fit.');
    const rows = entries.map((entry) => [
      String(entry.seq),
      momentText(entry.eventTime),
      inert(entry.eventName),
      inert(entry.principal.replace(/^arn:aws:iam::\d{12}:(user\/)?/, '')),
      entry.keyNames
        .map((name) => inert(name.startsWith('alias/') ? name.slice(6) : shortKey(name)))
        .join(', '),
      [
        entry.intact ? '' : console.style.bad(FORGED),
        entry.errorCode === undefined ? '' : console.style.bad(inert(entry.errorCode)),
        filePart(console, entry.file),
      ]
        .filter((part) => part !== '')
        .join('  '),
    ]);
    for (const line of columns(rows)) console.say(line);
    if (entries.some(({ intact }) => !intact)) {
      console.note(
        `What is marked ${FORGED} is not as Keyward wrote it, or what came before it was taken away: don't believe it. See where the log stops holding with: keyward audit verify`,
      );
    }
  });
}

/** `audit verify` */
export async function verifyAudit(console: Console, options: VaultOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const verdict = await vault.call('audit.verify', {});
    if (!verdict.ok) {
      const { entries, firstBroken, why } = verdict;
      throw new KeywardError(
        'AuditBroken',
        `The audit log does not hold from entry ${firstBroken} on: ${why.replace(/\.$/, '')}. Keep the vault as it is and compare it with your newest backup.`,
        { entries, firstBroken, why },
      );
    }
    const { entries, segments, head } = verdict;
    console.document({ entries, segments, head });
    console.say(
      `The chain holds: ${countText(entries, 'entry', 'entries')} in ${countText(segments, 'segment')}, up to ${head.seq}.`,
    );
    console.say(console.style.dim(`Newest hash ${head.hash}`));
  });
}

function filePart(console: Console, file: string | undefined): string {
  return file === undefined ? '' : console.path(file);
}
