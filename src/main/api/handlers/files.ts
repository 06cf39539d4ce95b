import type { FileMethod, Output } from '../../../shared/contract.ts';
import { streamSink, streamSource } from '../../envelope/io.ts';
import { decryptRange } from '../../vault/decrypt-range.ts';
import { inspectFile, withNewerVersions } from '../../vault/inspect.ts';
import type { Piped } from '../../vault/jobs.ts';
import { SUITES, withKeyring } from '../../vault/message-options.ts';
import { decryptBuffered, decryptPipe, encryptPipe } from '../../vault/pipes.ts';
import { streamsOf } from '../call.ts';
import { runFileJob } from '../run-file-job.ts';
import type { HandlersOf } from './handler-context.ts';

/** The handlers of the methods on files, but for the export of a data key. */
export const FILE_HANDLERS: HandlersOf<Exclude<FileMethod, 'files.exportDataKey'>> = {
  'files.encrypt': (ctx, input, call) => runFileJob(ctx.services.jobs, 'encrypt', input, call),
  'files.decrypt': (ctx, input, call) => runFileJob(ctx.services.jobs, 'decrypt', input, call),
  'files.decryptRange': async (ctx, { keyring, ...job }, call) =>
    pipedOf(
      await withKeyring(keyring, (keys) =>
        decryptRange(ctx.fileServices, { ...job, ...keys }, call, streamsOf(call).output),
      ),
    ),
  'files.verify': (ctx, input, call) => runFileJob(ctx.services.jobs, 'verify', input, call),
  'files.rewrap': (ctx, input, call) => runFileJob(ctx.services.jobs, 'rewrap', input, call),
  'files.reencrypt': (ctx, input, call) => runFileJob(ctx.services.jobs, 'reencrypt', input, call),
  'files.inspect': async ({ services }, { source }) =>
    withNewerVersions(services.kms, await inspectFile(source, services.slotKinds)),
  'files.encryptStream': async (ctx, { key, context, aws }, call) => {
    const { input, output } = streamsOf(call);
    const bytes = await encryptPipe(
      ctx.fileServices,
      {
        key: await ctx.fileServices.keyFor(call.caller, key),
        context: context ?? {},
        ...(aws === undefined ? {} : { aws: { suite: SUITES[aws.suite] } }),
      },
      call,
      { source: streamSource(input, 'standard input'), sink: streamSink(output, 'to standard output') },
    );
    return { bytes };
  },
  'files.decryptStream': async (ctx, { buffered, keyring }, call) => {
    const { input, output } = streamsOf(call);
    const source = streamSource(input, 'standard input');
    const sink = streamSink(output, 'to standard output');
    const decrypt = buffered ? decryptBuffered : decryptPipe;
    return pipedOf(
      await withKeyring(keyring, (keys) => decrypt(ctx.fileServices, call, { source, sink, ...keys })),
    );
  },
};

function pipedOf({ bytes, notes }: Piped): Output<'files.decryptStream'> {
  return { bytes, ...(notes.length === 0 ? {} : { notes: [...notes] }) };
}
