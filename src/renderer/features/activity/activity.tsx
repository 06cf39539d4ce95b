import { ShieldCheck } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { AuditLine, AuditVerdict } from '../../../shared/audit-contract.ts';
import { countText } from '../../../shared/measures.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { Mono } from '../../components/inline-text.tsx';
import { ErrorNote, Note } from '../../components/note.tsx';
import { moveBetweenRows, useFocusOnMore } from '../../components/row-focus.ts';
import {
  type Entries,
  loadAuditEntries,
  loadOlderEntries,
  useAuditEntries,
} from '../../data/audit-entries.ts';
import { announce } from '../../data/jobs.ts';
import { useKeys } from '../../data/keys.tsx';
import { useAction } from '../../data/query.ts';
import { useView } from '../../data/view.ts';
import { day } from '../../text/format.ts';
import { keyName } from '../../text/keys.ts';
import { Entry } from './entry.tsx';

/** The audit log as a timeline, the newest day first. */
export function Activity() {
  const { revision, traced, trace } = useView();
  const key = traced ?? undefined;
  const { list } = useKeys();
  const [looks, setLooks] = useState(false);
  const [verdict, setVerdict] = useState<AuditVerdict>();
  const { busy, error, run } = useAction();
  const entries = useAuditEntries();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `revision` asks again after a change
  useEffect(() => {
    run(() => loadAuditEntries({ key, lookups: looks }));
  }, [key, looks, revision, run]);
  const lines = entries?.lines ?? [];
  const rows = useRef<HTMLDivElement>(null);
  const focusOnMore = useFocusOnMore(rows, lines.length);
  return (
    <>
      <header>
        <div className="head">
          <h1>Activity</h1>
          <Button
            icon={ShieldCheck}
            busy={busy}
            onPress={() =>
              run(async () => {
                const found = await ask('audit.verify', {});
                setVerdict(found);
                if (found.ok) announce('The log was checked: it is whole.');
              })
            }
          >
            Check the log
          </Button>
        </div>
        <div className="filters">
          <label htmlFor="traced">Key</label>
          <select
            id="traced"
            className="select"
            value={key ?? ''}
            onChange={(event) => trace(event.target.value || null)}
          >
            <option value="">All</option>
            {list?.map((one) => (
              <option key={one.keyId} value={one.keyId}>
                {keyName(one)}
              </option>
            ))}
          </select>
          <label className="pick">
            <input type="checkbox" checked={looks} onChange={(event) => setLooks(event.target.checked)} />
            <span>Look-ups too</span>
          </label>
        </div>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="scroll" tabIndex={0} aria-label="Log">
        <ErrorNote error={error} />
        <Verdict of={verdict} />
        <IndexNotes of={entries} />
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the rows of all days are one list to the keys */}
        <div ref={rows} onKeyDown={moveBetweenRows}>
          {byDay(lines).map(([date, some]) => (
            <section key={date}>
              <h2 className="day">{date}</h2>
              <ul className="rows">
                {some.map((entry) => (
                  <Entry key={entry.seq} entry={entry} />
                ))}
              </ul>
            </section>
          ))}
        </div>
        {entries !== undefined && lines.length === 0 && entries.next === undefined ? (
          <div className="empty">
            <h2>Nothing here</h2>
            <p>Every use of a key is written here, and lines can’t be changed without it being seen.</p>
          </div>
        ) : null}
        {entries?.next === undefined ? null : (
          <div className="actions end">
            <Button
              look="plain"
              busy={busy}
              onPress={() => {
                focusOnMore();
                run(() => loadOlderEntries({ key, lookups: looks }));
              }}
            >
              Show older
            </Button>
          </div>
        )}
      </section>
    </>
  );
}

function Verdict({ of }: { readonly of: AuditVerdict | undefined }) {
  if (of === undefined) return null;
  return of.ok ? (
    <Note tone="good">
      The log is whole: {countText(of.entries, 'entry', 'entries')} in {countText(of.segments, 'segment')},
      each following from the one before, up to number {of.head.seq}.
    </Note>
  ) : of.part === 'index' ? (
    <Note tone="bad">
      All entries of the log hold, but the index that searches begin with was changed from outside, first for
      the entries from {of.firstBroken} on: {of.why}. What is shown here may lack some. The command{' '}
      <Mono>keyward audit reindex</Mono> builds it anew.
    </Note>
  ) : (
    <Note tone="bad">
      The log does not hold from entry {of.firstBroken} on: {of.why}. Entries before it are in order.
    </Note>
  );
}

/** What is to know of the index that the lines were found by. */
function IndexNotes({ of }: { readonly of: Entries | undefined }) {
  return (
    <>
      {of?.mismatched === undefined || of.mismatched.length === 0 ? null : (
        <Note tone="bad">
          The index of the log was changed from outside: lines may be missing here. Check the log.
        </Note>
      )}
      {of?.unindexed === undefined ? null : (
        <Note>
          The index of the log is still being built. It lacks the oldest{' '}
          {countText(of.unindexed, 'entry', 'entries')}; finding them takes longer.
        </Note>
      )}
    </>
  );
}

function byDay(lines: readonly AuditLine[]): readonly (readonly [string, readonly AuditLine[]])[] {
  const days = new Map<string, AuditLine[]>();
  for (const line of lines) {
    const date = day(line.eventTime);
    const some = days.get(date);
    if (some === undefined) days.set(date, [line]);
    else some.push(line);
  }
  return [...days];
}
