import { FolderOpen } from 'lucide-react';
import { useState } from 'react';
import type { Job, JobResult } from '../../../shared/bridge.ts';
import { sizeText } from '../../../shared/measures.ts';
import { ask } from '../../bridge.ts';
import { Shape } from '../../components/badge.tsx';
import { Button, IconButton } from '../../components/button.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { FileName } from '../../components/inline-text.tsx';
import { startJob } from '../../data/jobs.ts';
import { useKeys } from '../../data/keys.tsx';
import { useView } from '../../data/view.ts';
import { errorText } from '../../text/errors.ts';
import { escaped } from '../../text/file-names.ts';
import { resultText } from '../../text/jobs.ts';

const TONES = { done: 'good', failed: 'bad', cancelled: 'quiet', skipped: 'quiet' } as const;

type Props = { readonly job: Job; readonly result: JobResult; readonly index: number };

/** One file of a job: its name, what became of it, and what can be done next. */
export function Result({ job, result, index }: Props) {
  const { nameOf } = useKeys();
  const choose = useView((view) => view.choose);
  const isChosen = useView(
    ({ chosen }) => chosen?.kind === 'result' && chosen.job === job.id && chosen.index === index,
  );
  const there = result.output ?? result.source;
  return (
    <li>
      <div className="row result" data-chosen={isChosen}>
        <button
          type="button"
          className="open"
          aria-current={isChosen}
          onClick={() => choose({ kind: 'result', job: job.id, index })}
        >
          <Shape tone={TONES[result.status]} />
          <FileName name={result.source.name} />
          <span className="said">{resultText(job.kind, result, nameOf(job.key))}</span>
        </button>
        <span className="end">
          <span className="size numbers">{result.status === 'done' ? sizeText(result.bytes) : ''}</span>
          <IconButton
            icon={FolderOpen}
            label={`Show ${escaped(there.name)} in its folder`}
            onPress={() => ask('files.show', { file: there.id })}
          />
        </span>
      </div>
      {result.error !== undefined && (isChosen || job.results.length === 1) ? (
        <Why job={job} result={result} error={result.error} />
      ) : null}
      {result.notes.map((note) => (
        <p key={note} className="why soft">
          {escaped(note)}
        </p>
      ))}
    </li>
  );
}

type WhyProps = {
  readonly job: Job;
  readonly result: JobResult;
  readonly error: NonNullable<JobResult['error']>;
};

function Why({ job, result, error }: WhyProps) {
  const { nameOf } = useKeys();
  const [asking, setAsking] = useState(false);
  const key = job.key ?? undefined;
  const elsewhere = async () => {
    const { folder } = await ask('files.chooseTarget', {});
    if (folder !== null) await startJob(job.kind, [result.source], { key, to: folder.id });
  };
  return (
    <div className="why">
      <p className="soft text">{errorText(error, nameOf)}</p>
      {error.code === 'TargetExists' ? (
        <div className="actions">
          <Button look="compact" onPress={elsewhere}>
            Put it in another folder…
          </Button>
          <Button look="danger compact" onPress={() => setAsking(true)}>
            Replace…
          </Button>
        </div>
      ) : null}
      {asking ? (
        <Confirm
          title="Replace the file that is there?"
          does="Replace it"
          leaves="Leave it"
          onDo={() => {
            setAsking(false);
            startJob(job.kind, [result.source], { key, overwrite: true });
          }}
          onClose={() => setAsking(false)}
        >
          <p className="text">{errorText(error, nameOf)}</p>
          <p>The file that is there now will be gone for good once the new one is complete.</p>
        </Confirm>
      ) : null}
    </div>
  );
}
