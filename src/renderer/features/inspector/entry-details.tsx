import type { Json } from '../../../shared/errors.ts';
import { Mono } from '../../components/inline-text.tsx';
import { Facts, InspectorPane, Part } from '../../components/inspector-pane.tsx';
import { ErrorNote, Note } from '../../components/note.tsx';
import { useAuditEntry } from '../../data/audit-entries.ts';
import { useKeys } from '../../data/keys.tsx';
import { actor, sentence } from '../../text/activity.ts';
import { escaped } from '../../text/file-names.ts';
import { clockTime, day } from '../../text/format.ts';

/** One line of the log, whole. */
export function EntryDetails({ seq }: { readonly seq: number }) {
  const { nameOf } = useKeys();
  const entry = useAuditEntry(seq);
  if (entry === undefined) return null;
  return (
    <InspectorPane title={sentence(entry)} under={`Entry ${entry.seq}`}>
      {entry.intact ? null : (
        <Note tone="bad">
          This entry is not as Keyward wrote it, or the one before it was taken away. Don’t believe what it
          says. Check the log to see from where on it does not hold.
        </Note>
      )}
      {entry.errorMessage === undefined ? null : <ErrorNote error={{ message: entry.errorMessage }} />}
      <Facts
        of={[
          ['When', `${day(entry.eventTime)}, ${clockTime(entry.eventTime)}`],
          ['Who', actor(entry.principal)],
          ['Operation', <Mono key="operation">{entry.eventName}</Mono>],
          ...(entry.userAgent === undefined
            ? []
            : [['Program', <Mono key="program">{escaped(entry.userAgent)}</Mono>] as const]),
          ...(entry.requestID === undefined
            ? []
            : [['Request id', <Mono key="request">{entry.requestID}</Mono>] as const]),
          ...(entry.file === undefined ? [] : [['File', <Mono key="file">{entry.file}</Mono>] as const]),
          ...(entry.errorCode === undefined
            ? []
            : [['Refused', <Mono key="code">{entry.errorCode}</Mono>] as const]),
        ]}
      />
      {entry.keyArns.length === 0 ? null : (
        <Part title={entry.keyArns.length === 1 ? 'Key' : 'Keys'}>
          <ul className="lines">
            {entry.keyArns.map((arn) => (
              <li key={arn}>
                <span>{nameOf(arn)}</span>
                <Mono>{arn}</Mono>
              </li>
            ))}
          </ul>
        </Part>
      )}
      <Sent title="Asked for" of={entry.requestParameters} />
      <Sent title="Answered" of={entry.responseElements} />
      <Part title="Event id">
        <Mono>{entry.eventID}</Mono>
      </Part>
    </InspectorPane>
  );
}

function Sent({ title, of }: { readonly title: string; readonly of: Json | undefined }) {
  const pairs = typeof of === 'object' && of !== null && !Array.isArray(of) ? Object.entries(of) : [];
  if (pairs.length === 0) return null;
  return (
    <Part title={title}>
      <ul className="lines">
        {pairs.map(([name, value]) => (
          <li key={name}>
            <span className="small soft">{name}</span>
            <Mono>{typeof value === 'string' ? value : JSON.stringify(value)}</Mono>
          </li>
        ))}
      </ul>
    </Part>
  );
}
