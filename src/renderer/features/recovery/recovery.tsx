import { useEffect } from 'react';
import type { WindowStatus } from '../../../shared/bridge.ts';
import type { Finding } from '../../../shared/findings.ts';
import { Note } from '../../components/note.tsx';
import { useQuery } from '../../data/query.ts';
import { useView } from '../../data/view.ts';
import { errorText } from '../../text/errors.ts';
import { recoveryState } from '../../text/recovery.ts';
import { NextStepOf } from '../health/next-step.tsx';
import { BackupFolders } from './backup-folders.tsx';
import { BringIn } from './bring-in.tsx';
import { Damage } from './damage.tsx';
import { DrillSection } from './drill.tsx';
import { KitSection } from './kit.tsx';
import { RotationNote } from './rotation-note.tsx';
import { SharesSection } from './shares.tsx';
import { WaysIn } from './ways-in.tsx';

/** Recovery: how the vault stands towards its loss, where backups go, and the ways in. */
export function RecoveryPlace({ status }: { readonly status: WindowStatus }) {
  const { tone, text } = recoveryState(status, new Date());
  const notes = useNotes(status);
  const [said] = notes.filter(({ kind }) => SAID.includes(kind));
  useSection();
  const isWhole = status.backups !== undefined && status.rescue !== true;
  return (
    <>
      <header className="head">
        <h1>Recovery</h1>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="scroll padded" tabIndex={0} aria-label="All of recovery">
        <div className="column settings">
          <div className="stack">
            <Note
              tone={tone === 'good' ? 'good' : 'warn'}
              actions={said === undefined ? undefined : <NextStepOf finding={said} />}
            >
              {text}
            </Note>
            <RotationNote of={status.rotation} />
            {notes
              .filter(({ kind }) => !SAID.includes(kind))
              .map((finding) => (
                <Note key={`${finding.kind} ${finding.message}`} actions={<NextStepOf finding={finding} />}>
                  {errorText(finding)}
                </Note>
              ))}
          </div>
          {status.rescue === true ? <Damage status={status} /> : null}
          {isWhole ? <BackupFolders /> : null}
          {isWhole ? <DrillSection status={status} /> : null}
          <WaysIn status={status} />
          {isWhole ? <SharesSection status={status} /> : null}
          {isWhole ? <KitSection /> : null}
          {isWhole ? <BringIn /> : null}
        </div>
      </section>
    </>
  );
}

/** What the sentence at the top says already; the first of them that was found has its button there. */
const SAID: readonly string[] = ['NoBackupPossible', 'NoBackup', 'BackupFailed', 'NoDrill', 'DrillOld'];

/** Of what a look at the vault finds, what is about its loss. */
const ABOUT_LOSS: readonly string[] = [
  ...SAID,
  ...['NoSecondCopy', 'BackupOld', 'BackupOnSameDisk', 'OneWayIn', 'ProtectorDamaged'],
];

/** What there is to say about the way back of a vault, but for one that is open for rescue. */
function useNotes({ rescue, findings: noticed = [] }: WindowStatus): Finding[] {
  const { value } = useQuery('health.check', rescue === true ? null : { full: false });
  if (rescue === true) return [];
  const looked = (value?.findings ?? []).filter(({ kind }) => ABOUT_LOSS.includes(kind));
  const others = noticed.filter(({ kind, message }) =>
    looked.every((each) => each.kind !== kind || each.message !== message),
  );
  return [...looked, ...others];
}

/** Brings the part in sight that the user was led to. */
function useSection(): void {
  const section = useView((view) => view.section);
  useEffect(() => {
    const heading = section === null ? null : document.getElementById(section.id);
    heading?.scrollIntoView();
    heading?.closest('section')?.querySelector('button')?.focus({ preventScroll: true });
  }, [section]);
}
