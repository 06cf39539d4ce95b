import type { FileResult, Input } from '../../shared/contract.ts';
import type { JobKindName } from '../../shared/job-contract.ts';
import type { JobKind, JobRun } from '../../shared/job-kind.ts';
import { decryptFiles } from './decrypt.ts';
import { encryptFiles } from './encrypt.ts';
import type { FileJobKinds, FileJobServices, JobCaller } from './jobs.ts';
import { SUITES, withKeyring } from './message-options.ts';
import { reencryptFiles } from './reencrypt.ts';
import { rewrapFiles } from './rewrap.ts';
import { verifyFiles } from './verify.ts';

/** The kinds of jobs over files of one vault. */
export function fileJobKinds(services: FileJobServices): FileJobKinds {
  return {
    encrypt: kind('encrypt', passingOver, async ({ key, context, aws, ...job }, by) => {
      const under = { key: await services.keyFor(by.caller, key), context: context ?? {} };
      const suite = aws === undefined ? {} : { aws: { suite: SUITES[aws.suite] } };
      return encryptFiles(services, { ...given(job), ...under, ...suite }, by);
    }),
    decrypt: kind('decrypt', ofWholeFiles, ({ keyring, ...job }, by) =>
      withKeyring(keyring, (keys) => decryptFiles(services, { ...given(job), ...keys }, by)),
    ),
    verify: kind('verify', withoutKeyring, ({ keyring, ...job }, by) =>
      withKeyring(keyring, (keys) => verifyFiles(services, { ...job, ...keys }, by)),
    ),
    rewrap: kind('rewrap', passingOver, async ({ key, ...job }, by) => {
      const under = key === undefined ? {} : { key: await services.keyFor(by.caller, key) };
      return rewrapFiles(services, { ...given(job), ...under }, by);
    }),
    // Nothing tells which files have a new data key by now.
    reencrypt: kind(
      'reencrypt',
      () => undefined,
      async ({ key, ...job }, by) => {
        const under = key === undefined ? {} : { key: await services.keyFor(by.caller, key) };
        return reencryptFiles(services, { ...job, ...under }, by);
      },
    ),
  };
}

function kind<K extends JobKindName>(
  name: K,
  resumed: (parameters: Input<`files.${K}`>) => Input<`files.${K}`> | undefined,
  run: (parameters: Input<`files.${K}`>, by: JobCaller) => Promise<FileResult[]>,
): JobKind<Input<`files.${K}`>, AbortSignal> {
  return {
    name,
    kept: withoutSecrets,
    resumed,
    run: (parameters, { owner: caller, ...control }: JobRun<AbortSignal>) =>
      run(parameters, { ...control, caller }),
  };
}

function passingOver<P extends { readonly skipExisting?: boolean | undefined }>(parameters: P): P {
  return { ...parameters, skipExisting: true };
}

function withoutKeyring<P extends { readonly keyring?: unknown }>(parameters: P): P | undefined {
  return parameters.keyring === undefined ? parameters : undefined;
}

/** What was decrypted in part, or salvaged, can't be told from what is done. */
function ofWholeFiles(parameters: Input<'files.decrypt'>): Input<'files.decrypt'> | undefined {
  if (parameters.range !== undefined || parameters.salvage === true) return undefined;
  return withoutKeyring(passingOver(parameters));
}

/** A keyring holds keys, which are wanted anew for whatever is done later. */
function withoutSecrets<P extends object>(parameters: P): P {
  if (!('keyring' in parameters)) return parameters;
  const { keyring: _, ...rest } = parameters;
  return rest as P;
}

/** What was given; `undefined` stands for nothing. */
function given<T extends object>(job: T): { [P in keyof T]: Exclude<T[P], undefined> } {
  return Object.fromEntries(Object.entries(job).filter(([, value]) => value !== undefined)) as never;
}
