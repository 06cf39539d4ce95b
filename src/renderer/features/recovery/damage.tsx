import type { WindowStatus } from '../../../shared/bridge.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { errorText } from '../../text/errors.ts';

/** Of a vault that is open for rescue: what is damaged, row by row, and what to do now. */
export function Damage({ status }: { readonly status: WindowStatus }) {
  const [cause, ...rows] = status.findings ?? [];
  return (
    <section>
      <h2 id="damage">What is damaged</h2>
      {cause === undefined ? null : <p className="text">{errorText(cause)}</p>}
      {rows.length === 0 ? (
        <p className="soft">No single row could be named.</p>
      ) : (
        <ul className="bullets" aria-label="Damaged rows">
          {rows.map((row, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: findings have no ids, and their order stays
            <li key={n} className="text">
              {errorText(row)}
            </li>
          ))}
        </ul>
      )}
      <h3>What to do now</h3>
      <ol className="steps text">
        <li>Decrypt what you need: drop the encrypted files on this window.</li>
        <li>Copy the vault’s folder as it is to another disk, so that nothing gets worse.</li>
        <li>
          In a terminal, lock the vault and run <code>keyward repair --dry-run</code>: it shows what can be
          made whole again, and <code>keyward repair</code> then does it. The damaged files are kept.
        </li>
        <li>
          If that is not enough, with a backup and the recovery phrase: move vault.db and vault.keys out of
          this folder, and start Keyward again. Its first page restores the backup.
        </li>
      </ol>
      <div className="actions">
        <Button onPress={() => ask('vault.showHome', {})}>Show the vault’s folder</Button>
      </div>
    </section>
  );
}
