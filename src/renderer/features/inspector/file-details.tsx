import { FolderOpen } from 'lucide-react';
import { useState } from 'react';
import type { AuditPage } from '../../../shared/audit-contract.ts';
import type { BridgeOutput, GivenFile, Job, JobResult } from '../../../shared/bridge.ts';
import { countText, sizeText } from '../../../shared/measures.ts';
import { ask } from '../../bridge.ts';
import { Button } from '../../components/button.tsx';
import { FileName, Mono } from '../../components/inline-text.tsx';
import { Facts, InspectorPane, Part } from '../../components/inspector-pane.tsx';
import { ErrorNote, Note } from '../../components/note.tsx';
import { startJob } from '../../data/jobs.ts';
import { useKeys } from '../../data/keys.tsx';
import { useAction, useQuery } from '../../data/query.ts';
import { actor, sentence } from '../../text/activity.ts';
import { escaped } from '../../text/file-names.ts';
import { clockTime, day, short } from '../../text/format.ts';

type Props = { readonly job: Job; readonly result: JobResult };

/** Everything about one file: what was done, under which key and version, and its lines of the log. */
export function FileDetails({ job, result }: Props) {
  const shown = [result.output, result.source].find((file) => file?.kind === 'encrypted') ?? null;
  const there = result.output ?? result.source;
  return (
    <InspectorPane title={<FileName name={there.name} />} under={<bdi>{escaped(there.folder)}</bdi>}>
      {result.status === 'done' && job.kind === 'encrypt' ? (
        <Note tone="good">The original, {escaped(result.source.name)}, is still where it was.</Note>
      ) : null}
      {shown === null ? <Plain file={there} /> : <Encrypted file={shown} />}
    </InspectorPane>
  );
}

function Plain({ file }: { readonly file: GivenFile }) {
  return (
    <>
      <Facts
        of={[
          ['Kind', 'Not encrypted'],
          ['Size', file.bytes === null ? 'not known' : sizeText(file.bytes)],
        ]}
      />
      <div className="actions">
        <Button icon={FolderOpen} onPress={() => ask('files.show', { file: file.id })}>
          Show in folder
        </Button>
      </div>
    </>
  );
}

function Encrypted({ file }: { readonly file: GivenFile }) {
  const asked = useQuery('files.inspect', { file: file.id });
  const known = asked.value;
  if (known === undefined)
    return <ErrorNote error={asked.error} actions={<Button onPress={asked.again}>Try again</Button>} />;
  return (
    <>
      <KeyFacts known={known} />
      <div className="actions">
        <Button onPress={() => startJob('decrypt', [file])}>Decrypt</Button>
        <Button onPress={() => startJob('verify', [file])}>Check</Button>
        <Button icon={FolderOpen} onPress={() => ask('files.show', { file: file.id })}>
          Show in folder
        </Button>
      </div>
      <Pairs of={known.facts.context} />
      <Part title="Format">
        <Facts
          of={[
            ['File', sizeText(known.facts.fileBytes)],
            ['Frames', `${known.facts.frames.toLocaleString('en')} of ${sizeText(known.facts.frameLength)}`],
            ['Header', `generation ${known.facts.generation}`],
            ['Message id', <Mono key="id">{known.facts.messageId}</Mono>],
          ]}
        />
      </Part>
      <Lines known={known} />
    </>
  );
}

type Known = { readonly known: BridgeOutput<'files.inspect'> };

function KeyFacts({ known }: Known) {
  const { list, nameOf } = useKeys();
  const { facts, file } = known;
  const slot = facts.slots.find(({ kind, key }) => kind === 'local' && key !== null) ?? facts.slots[0];
  const key = list?.find(({ keyId, arn }) => keyId === slot?.key || arn === slot?.key);
  const older = key !== undefined && slot?.version !== null && key.currentVersion !== slot?.version;
  return (
    <>
      <Facts
        of={[
          ['Key', key === undefined ? <Mono key="key">{slot?.key ?? 'none'}</Mono> : nameOf(key.keyId)],
          [
            'Version',
            <Version
              key="version"
              id={slot?.version ?? null}
              word={key === undefined ? '' : older ? 'older' : 'newest'}
            />,
          ],
          ['Opens with', countText(facts.slots.length, 'key')],
          ['Content', sizeText(facts.plaintextBytes)],
        ]}
      />
      {key === undefined && list !== undefined ? (
        <Note>This vault does not have the key. The file opens in the vault that made it.</Note>
      ) : null}
      {older ? (
        <Note
          actions={
            facts.format === 'keyward/1' ? (
              <Button look="compact" onPress={() => startJob('rewrap', [file])}>
                Move to the newest version
              </Button>
            ) : undefined
          }
        >
          {nameOf(key.keyId)} has a newer version. This file still opens;{' '}
          {facts.format === 'keyward/1'
            ? 'moving it rewrites its header only.'
            : 'the command keyward reencrypt moves it.'}
        </Note>
      ) : null}
      {facts.slots.length > 1 ? (
        <Part title="Wrapped data keys">
          <ul className="lines">
            {facts.slots.map((one, n) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: slots have no ids, their order is fixed
              <li key={n}>
                <span>{SLOTS[one.kind]}</span>
                <Mono>{one.key ?? 'unknown'}</Mono>
              </li>
            ))}
          </ul>
        </Part>
      ) : null}
    </>
  );
}

const SLOTS = {
  local: 'A key of Keyward',
  'aws-kms': 'A key in AWS KMS',
  'raw-key': 'Another key',
  recipient: 'A recipient',
  unknown: 'A kind that this version does not know',
} as const;

function Version({ id, word }: { readonly id: string | null; readonly word: string }) {
  if (id === null) return 'not given';
  return (
    <span title={id}>
      <Mono>{short(id)}</Mono> {word === '' ? '' : `(${word})`}
    </span>
  );
}

function Pairs({ of }: { readonly of: { readonly [name: string]: string } }) {
  const pairs = Object.entries(of);
  if (pairs.length === 0) return null;
  return (
    <Part title="Context, readable by anybody">
      <Facts of={pairs.map(([name, value]) => [escaped(name), escaped(value)] as const)} />
    </Part>
  );
}

/** Lines of the log about the file, the newest first; more of them when asked for. */
function Lines({ known }: Known) {
  const { file, facts } = known;
  const { messageId } = facts;
  const newest = useQuery('files.log', { file: file.id, messageId });
  const [older, setOlder] = useState<{ readonly after: AuditPage; readonly page: AuditPage }>();
  const { busy, error, run } = useAction();
  // What was read on belongs to the answer that it followed.
  const rest = older?.after === newest.value ? older?.page : undefined;
  const lines = [...(newest.value?.entries ?? []), ...(rest?.entries ?? [])];
  const next = (rest ?? newest.value)?.next;
  const more = async () => {
    if (next === undefined || newest.value === undefined) return;
    const page = await ask('files.log', { file: file.id, messageId, before: next });
    setOlder({
      after: newest.value,
      page: { ...page, entries: [...(rest?.entries ?? []), ...page.entries] },
    });
  };
  return (
    <Part title="In the log">
      <ErrorNote error={newest.error ?? error} />
      {newest.value !== undefined && lines.length === 0 && next === undefined ? (
        <p className="small soft">Nothing yet in this vault’s log.</p>
      ) : null}
      <ul className="lines">
        {lines.map((entry) => (
          <li key={entry.seq}>
            <span>{sentence(entry)}</span>
            <span className="small soft numbers">
              {day(entry.eventTime)}, {clockTime(entry.eventTime)}, {actor(entry.principal)}, entry{' '}
              {entry.seq}
            </span>
          </li>
        ))}
      </ul>
      {next === undefined ? null : (
        <div className="actions">
          <Button look="plain" busy={busy} onPress={() => run(more)}>
            Show older
          </Button>
        </div>
      )}
    </Part>
  );
}
