import { useEffect, useState } from 'react';
import type { Job } from '../../../shared/bridge.ts';
import { countText, durationText, sizeText } from '../../../shared/measures.ts';
import { fileName } from '../../text/activity.ts';
import { escaped } from '../../text/file-names.ts';
import { type Sample, speed, timeLeft, withSample } from '../../text/rate.ts';

/** How far a job is: bytes, speed, time left, and which file it is at. */
export function Running({ job }: { readonly job: Job }) {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => {
    setSamples((before) => withSample(before, { at: performance.now(), done: job.done }));
  }, [job.done]);
  const known = job.total !== null && job.total > 0;
  // All bytes read is not the end: the last ones must reach the disk and be checked.
  const finishing = known && job.done >= (job.total ?? 0);
  const part = known ? Math.min(0.995, job.done / (job.total ?? 1)) : 0;
  return (
    <div className="running">
      <div
        className={`bar ${known ? '' : 'unknown'}`}
        role="progressbar"
        aria-label="Progress"
        aria-valuemin={0}
        aria-valuemax={100}
        {...(known ? { 'aria-valuenow': Math.floor(part * 100) } : {})}
      >
        <div style={known ? { transform: `scaleX(${part})` } : {}} />
      </div>
      <p className="small soft numbers">
        <span>{where(job)}</span>
        <span>{finishing ? 'Finishing' : pace(samples, job)}</span>
      </p>
    </div>
  );
}

function where(job: Job): string {
  const name = job.current === '' ? 'Getting ready' : escaped(fileName(job.current));
  return job.files > 1
    ? `${name}, ${Math.min(job.file + 1, job.files)} of ${countText(job.files, 'file')}`
    : name;
}

function pace(samples: readonly Sample[], job: Job): string {
  const rate = speed(samples);
  const left = timeLeft(samples, job.total);
  return [
    job.total === null ? sizeText(job.done) : `${sizeText(job.done)} of ${sizeText(job.total)}`,
    ...(rate === undefined ? [] : [`${sizeText(rate)}/s`]),
    ...(left === undefined ? [] : [`${durationText(Math.max(1, Math.round(left / 1_000)))} left`]),
  ].join(' · ');
}
