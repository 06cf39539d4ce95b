import { X } from 'lucide-react';
import { useId } from 'react';
import type { Job } from '../../../shared/bridge.ts';
import { countText, durationText, sizeText } from '../../../shared/measures.ts';
import { ask } from '../../bridge.ts';
import { Shape } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/note.tsx';
import { moveBetweenRows } from '../../components/row-focus.ts';
import { jobTitle, outcomeLines, waitText } from '../../text/jobs.ts';
import { Result } from './result.tsx';
import { Running } from './running.tsx';

const TONES = {
  queued: 'running',
  running: 'running',
  paused: 'quiet',
  waiting: 'quiet',
  done: 'good',
  failed: 'bad',
  cancelled: 'quiet',
} as const;

/** One job: its progress while it runs, then what became of each file. */
export function JobItem({ job }: { readonly job: Job }) {
  const title = useId();
  const running = job.endedAt === null;
  const waits = waitText(job);
  const lines = [...(waits === undefined ? [] : [waits]), ...outcomeLines(job)];
  const [only] = job.results;
  if (only !== undefined && job.results.length === 1 && job.error === undefined) {
    return (
      <ul className="rows job single" aria-label={jobTitle(job)} onKeyDown={moveBetweenRows}>
        <Result job={job} result={only} index={0} />
      </ul>
    );
  }
  return (
    <section className="job" aria-labelledby={title}>
      <header>
        <Shape tone={TONES[job.state]} />
        <h2 id={title} className="cell job-title">
          {jobTitle(job)}
        </h2>
        {running ? (
          <span className="job-end">
            <Button look="compact" icon={X} onPress={() => ask('jobs.cancel', { job: job.id })}>
              Stop
            </Button>
          </span>
        ) : (
          <span className="job-end soft numbers">{summary(job)}</span>
        )}
      </header>
      {running && waits === undefined ? <Running job={job} /> : null}
      {lines.length > 0 ? (
        <div className="why soft">
          {lines.map((line) => (
            <p key={line}>{line}</p>
          ))}
        </div>
      ) : null}
      {job.error === undefined ? null : (
        <div className="why">
          <ErrorNote error={job.error} />
        </div>
      )}
      <ul className="rows" onKeyDown={moveBetweenRows}>
        {job.results.map((result, index) => (
          <Result key={result.source.id} job={job} result={result} index={index} />
        ))}
      </ul>
      {job.omitted > 0 ? (
        <p className="why soft">And {countText(job.omitted, 'more file')} without trouble.</p>
      ) : null}
    </section>
  );
}

function summary(job: Job): string {
  const took = job.endedAt === null ? 0 : job.endedAt - job.startedAt;
  const time = took < 1_000 ? 'under a second' : durationText(Math.round(took / 1_000));
  return job.done === 0 ? time : `${sizeText(job.done)} in ${time}`;
}
