import { contract, type JobMethod } from '../../../shared/contract.ts';
import { isKeywardError } from '../../../shared/errors.ts';
import { isOver, type JobFacts } from '../../../shared/job-contract.ts';
import type { Call } from '../call.ts';
import { invalidInput } from '../invalid-input.ts';
import { ownerOf } from '../run-file-job.ts';
import type { HandlersOf } from './handler-context.ts';

/** How long a cancel waits for the job to end, in milliseconds. */
const PATIENCE = 5_000;

/** How many items are returned unless fewer are asked for. */
const ITEMS = 1_000;

/** To stop or forget jobs that another principal began. */
const MANAGE = 'keyward:ManageJobs';

/** The handlers of the methods on jobs. */
export const JOB_HANDLERS: HandlersOf<JobMethod> = {
  'jobs.start': async ({ services }, { kind, input }, { caller }) => {
    const parsed = contract[`files.${kind}`].input.safeParse(input);
    if (!parsed.success) throw invalidInput('jobs.start', parsed.error);
    const begin = { owner: ownerOf(caller), alone: true, results: () => undefined } as const;
    return services.jobs.start(services.jobs.kind(kind), parsed.data, begin).facts;
  },
  'jobs.list': async ({ services }) => ({ jobs: services.jobs.list() }),
  'jobs.show': async ({ services }, { job, after, limit = ITEMS, notable }) => {
    const { jobs } = services;
    const { items, next, isDamaged } =
      notable === true ? await jobs.notable(job, limit) : jobs.items(job, after ?? 0, limit);
    const parameters = jobs.parameters(job);
    return {
      job: jobs.facts(job),
      ...(parameters === undefined ? {} : { parameters: { ...parameters } }),
      items: [...items],
      ...(next === undefined ? {} : { next }),
      ...(isDamaged ? { damaged: true as const } : {}),
    };
  },
  'jobs.cancel': async (ctx, { job }, { caller }) => {
    const { jobs, kms } = ctx.services;
    if (!isOwn(jobs.facts(job), caller)) kms.require(caller, MANAGE);
    return jobs.cancel(job, PATIENCE);
  },
  'jobs.clear': async ({ services: { jobs, kms } }, _, { caller }) => {
    let isManager = true;
    try {
      if (jobs.list().some((facts) => isOver(facts) && !isOwn(facts, caller))) kms.require(caller, MANAGE);
    } catch (error) {
      if (!isKeywardError(error, 'AccessDeniedException')) throw error;
      isManager = false;
    }
    jobs.clear((facts) => isManager || isOwn(facts, caller));
    return { jobs: jobs.list() };
  },
};

function isOwn({ owner }: JobFacts, { principal }: Call['caller']): boolean {
  return owner === principal;
}
