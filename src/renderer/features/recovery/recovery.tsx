import type { WindowStatus } from '../../../shared/bridge.ts';
import { Note } from '../../components/note.tsx';
import { errorText } from '../../text/errors.ts';
import { recoveryState } from '../../text/recovery.ts';
import { BackupFolders } from './backup-folders.tsx';
import { Damage } from './damage.tsx';
import { WaysIn } from './ways-in.tsx';

/** Recovery: how the vault stands towards its loss, where backups go, and the ways in. */
export function RecoveryPlace({ status }: { readonly status: WindowStatus }) {
  const { tone, text } = recoveryState(status, new Date());
  const notes =
    status.rescue === true ? [] : (status.findings ?? []).filter(({ kind }) => !SAID.includes(kind));
  return (
    <>
      <header className="head">
        <h1>Recovery</h1>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="scroll padded" tabIndex={0} aria-label="All of recovery">
        <div className="column settings">
          <div className="stack">
            <Note tone={tone === 'good' ? 'good' : 'warn'}>{text}</Note>
            {notes.map(({ kind, message }) => (
              <Note key={`${kind} ${message}`}>{errorText({ message })}</Note>
            ))}
          </div>
          {status.rescue === true ? <Damage status={status} /> : null}
          {status.backups === undefined || status.rescue === true ? null : <BackupFolders />}
          <WaysIn status={status} />
        </div>
      </section>
    </>
  );
}

/** What the sentence at the top and the folders say already. */
const SAID: readonly string[] = ['NoBackup', 'NoBackupPossible', 'BackupFailed'];
