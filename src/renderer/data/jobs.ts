import type { GivenFile, Job, JobKind, PageEvent } from '../../shared/bridge.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import { ask } from '../bridge.ts';
import { jobEnded } from '../text/jobs.ts';
import { atom } from './atom.ts';
import { useView } from './view.ts';

/** What was dropped or chosen and waits: for the vault to open, or for an answer about folders. */
type PendingDrops = { readonly files: readonly GivenFile[]; readonly unnamed: number };

const NOTHING: PendingDrops = { files: [], unnamed: 0 };
const jobs = atom<readonly Job[]>([]);
const pendingDrops = atom<PendingDrops>(NOTHING);
const announcement = atom('');

/** The jobs, the newest first. */
export const useJobs = jobs.use;
/** What waits for the user. */
export const usePendingDrops = pendingDrops.use;
/** What a screen reader is told of the jobs. */
export const useAnnouncement = announcement.use;

/** Has a screen reader tell something. */
export const announce = announcement.set;

/** Asks for the jobs that this window has. */
export async function loadJobs(): Promise<void> {
  jobs.set((await ask('jobs.list', {})).jobs);
}

/** Forgets the jobs that are over. */
export async function clearJobs(): Promise<void> {
  useView.getState().choose(null);
  jobs.set((await ask('jobs.clear', {})).jobs);
}

/** How a job is begun. */
type Begin = {
  readonly key?: string | undefined;
  readonly to?: string | undefined;
  readonly overwrite?: boolean;
};

/** Begins a job over files. */
export async function startJob(kind: JobKind, files: readonly GivenFile[], how: Begin = {}): Promise<void> {
  if (files.length === 0) return;
  const job = await ask('jobs.start', {
    kind,
    files: files.map(({ id }) => id),
    overwrite: how.overwrite ?? false,
    ...(how.key === undefined ? {} : { key: how.key }),
    ...(how.to === undefined ? {} : { to: how.to }),
  });
  take(job);
}

/** Adds what the user gave to what waits. */
export function addPendingDrops(files: readonly GivenFile[], unnamed = 0): void {
  const before = pendingDrops.get();
  pendingDrops.set({ files: [...before.files, ...files], unnamed: before.unnamed + unnamed });
}

/** Leaves only these waiting. */
export function setPendingDrops(files: readonly GivenFile[], unnamed = 0): void {
  pendingDrops.set(files.length === 0 && unnamed === 0 ? NOTHING : { files, unnamed });
}

/** Follows main's events; returns what ends that. */
export function followEvents(failed: (error: ErrorBody) => void): () => void {
  return window.keyward.subscribe((event: PageEvent) => {
    if (event.type === 'job') return take(event.job);
    if (event.type !== 'drop') return;
    if (event.outcome.ok) addPendingDrops(event.outcome.value.files, event.outcome.value.unnamed);
    else failed(event.outcome.error);
  });
}

function take(job: Job): void {
  const known = jobs.get();
  const at = known.findIndex(({ id }) => id === job.id);
  if (at >= 0 && known[at]?.endedAt !== null) return;
  jobs.set(at < 0 ? [job, ...known] : known.with(at, job));
  if (job.endedAt === null) return;
  announcement.set(jobEnded(job));
  const { refresh, chosen, choose, place } = useView.getState();
  refresh();
  // A single file just done shows itself, unless the user is looking at something else.
  if (place === 'files' && chosen === null && job.results.length === 1) {
    choose({ kind: 'result', job: job.id, index: 0 });
  }
}
