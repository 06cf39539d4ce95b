import type { WindowStatus } from '../../../shared/bridge.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { useKeys } from '../../data/keys.tsx';
import { useAction } from '../../data/query.ts';
import { errorText } from '../../text/errors.ts';
import { damageText } from '../../text/vault-parts.ts';

/** Of a vault that is open for rescue: what is damaged, part by part, and what to do now. */
export function Damage({ status }: { readonly status: WindowStatus }) {
  const { list, nameOf } = useKeys();
  const { busy, error, run } = useAction();
  const [cause, ...parts] = status.findings ?? [];
  const called = (keyId: string) =>
    list?.some((key) => key.keyId === keyId && key.aliases.length > 0)
      ? nameOf(keyId)
      : `${keyId.slice(0, 8)}…`;
  return (
    <section>
      <h2 id="damage">What is damaged</h2>
      {parts.length === 0 ? (
        <p className="text">{cause === undefined ? '' : errorText(cause)} No single part could be named.</p>
      ) : (
        <ul className="bullets" aria-label="Damaged parts">
          {parts.map((part, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: findings have no ids, and their order stays
            <li key={n} className="text">
              {part.row === undefined ? errorText(part) : damageText(part.row, called)}
            </li>
          ))}
        </ul>
      )}
      <h3>What to do now</h3>
      <ol className="steps text">
        <li>Decrypt what you need: drop the encrypted files on this window.</li>
        <li>Copy the vault’s folder as it is to another disk, so that nothing gets worse.</li>
        <li>
          Repair it. Keyward shows first what it would do: what comes from the second file or a backup, what
          goes back to its beginning, and what stays switched off until you say otherwise. The vault is locked
          for that, and the damaged files are kept.
        </li>
        <li>
          If that is not enough, with a backup and the recovery phrase: move vault.db and vault.keys out of
          this folder, and start Keyward again. Its first page restores the backup.
        </li>
      </ol>
      <ErrorNote error={error} />
      <div className="actions">
        <Button
          look="main"
          busy={busy}
          onPress={() =>
            run(async () => {
              await ask('repair.begin', {});
            })
          }
        >
          Lock it, and see what a repair would do
        </Button>
        <Button onPress={() => ask('vault.showHome', {})}>Show the vault’s folder</Button>
      </div>
    </section>
  );
}
