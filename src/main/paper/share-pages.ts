import type { KitFacts } from '../../shared/recovery-contract.ts';
import { factTable, html, printed } from './page.ts';
import { qrSvg } from './qr.ts';

/** A set of shares that was just made. */
type ShareSet = { readonly id: string; readonly threshold: number; readonly shares: readonly string[] };

/** The shares of a set, one to a page, each for another person or place. */
export function sharePages(facts: Pick<KitFacts, 'vaultId' | 'printed'>, set: ShareSet): string {
  const of = set.shares.length;
  const files = Array.from({ length: set.threshold }, () => 'FILE').join(' ');
  const pages = set.shares.map(
    (share, n) => `<h1>Keyward share ${n + 1} of ${of}</h1>
<p>Any ${set.threshold} of these ${of} shares together open the vault and the backups made from today on
(${facts.printed.slice(0, 10)}); fewer say nothing about it. Keep each in another place, and none with a backup.</p>
<h2>The share</h2>
<p class="share">${html(share)}</p>
${qrSvg(share, `Share ${n + 1}`)}
<h2>What it belongs to</h2>
${factTable([
  ['Vault', facts.vaultId],
  ['Set', set.id],
  ['Printed', facts.printed.slice(0, 10)],
])}
<h2>To use it</h2>
<ol class="do">
<li>Bring ${set.threshold} shares of this set together.</li>
<li>Open a vault that is there: choose “Use shares” on its locked page, and type or paste them. In a terminal, with each in
a file: <code>keyward unlock --share-file ${files}</code></li>
<li>Restore from a backup: on the first page choose “I have a recovery phrase or shares”. In a terminal:
<code>keyward backup restore FOLDER --share-file ${files}</code></li>
<li>A letter that is misread is told, and in which share.</li>
</ol>`,
  );
  return printed('Keyward shares', pages);
}
