import type { Clock } from '../../shared/clock.ts';
import type { Input } from '../../shared/contract.ts';
import { fail, isKeywardError } from '../../shared/errors.ts';
import type { JobKindName } from '../../shared/job-contract.ts';
import type { JobKind } from '../../shared/job-kind.ts';
import type { KeyService } from '../kms/service.ts';
import type { Caller } from '../kms/types.ts';
import type { Store } from '../store/database.ts';
import type { FileCatalog } from './catalog.ts';
import type { AtomicOutput } from './output.ts';
import type { PartialRecords } from './partial-records.ts';
import type { JobControl } from './runner.ts';
import type { SlotKind } from './slot-kinds.ts';

/** What every job over files works with. `home` is the vault's folder with its links resolved. */
export type JobServices = {
  readonly store: Store;
  readonly kms: KeyService;
  /** What opens and makes slots, in the order in which it is tried. */
  readonly slotKinds: readonly SlotKind[];
  readonly files: FileCatalog;
  readonly partials: PartialRecords;
  readonly clock: Clock;
  readonly home: string;
  /** The keys files that know more than the database and are kept beside it, oldest first. */
  readonly newerKeys: () => readonly string[];
};

/** On whose behalf a job runs, when to stop, and whom to tell. */
export type JobCaller = JobControl & { readonly caller: Caller };

/** What the kinds of jobs over files work with. `keyFor`: the key to encrypt under, by default the setting's. */
export type FileJobServices = JobServices & {
  readonly keyFor: (caller: Caller, key?: string) => Promise<string>;
};

/** The kinds of jobs over files, by their names; their parameters are those of the contract. */
export type FileJobKinds = { readonly [K in JobKindName]: JobKind<Input<`files.${K}`>, AbortSignal> };

/** The caller with the file that an operation is about, for the audit log. */
export function about(caller: Caller, path: string): Caller {
  return { ...caller, file: { path } };
}

/**
 * Runs `fill`, which fills a fresh output, and abandons the output if it throws. What can't be removed is named in the
 * error, as `partial` in its details too.
 */
export async function filling<T>(output: AtomicOutput, fill: () => Promise<T>): Promise<T> {
  try {
    return await fill();
  } catch (error) {
    const left = await output.abandon();
    if (left === undefined || !isKeywardError(error)) throw error;
    throw fail(
      'partial-left-behind',
      { error: error.toBody(), partial: left },
      { ...error.details, partial: left },
      error.cause,
    );
  }
}

/** What came through a pipe: bytes of plaintext, and what is worth telling about it. */
export type Piped = { readonly bytes: number; readonly notes: string[] };
