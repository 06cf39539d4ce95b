import { useJobs } from '../../data/jobs.ts';
import type { Selection } from '../../data/view.ts';
import { EntryDetails } from './entry-details.tsx';
import { FileDetails } from './file-details.tsx';
import { KeyDetails } from './key-details.tsx';

/** The inspector for whatever is chosen. */
export function ItemInspector({ chosen }: { readonly chosen: Selection }) {
  switch (chosen.kind) {
    case 'result':
      return <ResultDetails job={chosen.job} index={chosen.index} />;
    case 'key':
      return <KeyDetails key={chosen.id} id={chosen.id} />;
    case 'entry':
      return <EntryDetails seq={chosen.seq} />;
  }
}

function ResultDetails({ job: id, index }: { readonly job: string; readonly index: number }) {
  const job = useJobs().find((one) => one.id === id);
  const result = job?.results[index];
  if (job === undefined || result === undefined) return null;
  return <FileDetails key={`${id} ${index}`} job={job} result={result} />;
}
