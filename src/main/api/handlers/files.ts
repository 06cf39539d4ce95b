import type { Method, Output } from '../../../shared/contract.ts';
import { KeywardError } from '../../../shared/errors.ts';
import { ownEvent } from '../../audit/event.ts';
import { streamSink, streamSource } from '../../envelope/io.ts';
import { dispatch } from '../../kms/dispatch.ts';
import type { KeyMetadata } from '../../kms/types.ts';
import { decryptRange } from '../../vault/decrypt-range.ts';
import { inspectFile, withNewerVersions } from '../../vault/inspect.ts';
import { SUITES, withKeyring } from '../../vault/job-kinds.ts';
import type { Piped } from '../../vault/jobs.ts';
import { decryptBuffered, decryptPipe, encryptPipe } from '../../vault/pipes.ts';
import { streamsOf } from '../call.ts';
import { keyReference } from '../key-reference.ts';
import { ACCESS_HANDLERS } from './access.ts';
import { AUDIT_HANDLERS } from './audit.ts';
import { BACKUP_HANDLERS } from './backup.ts';
import { exportFileKey } from './data-key-export.ts';
import { ENDPOINT_HANDLERS } from './endpoint.ts';
import type { Handler } from './handler-context.ts';
import { HEALTH_HANDLERS } from './health.ts';
import { JOB_HANDLERS, runFileJob } from './jobs.ts';
import { KEY_HANDLERS } from './keys.ts';
import { PARTIAL_HANDLERS } from './partials.ts';
import { PROTECTOR_HANDLERS } from './protectors.ts';
import { RECOVERY_HANDLERS } from './recovery.ts';
import { readSettings, writeSetting } from './settings.ts';

/** One handler for each method of the contract. They know no transport. */
export const HANDLERS: { readonly [M in Method]: Handler<M> } = {
  'vault.status': async ({ status }) => status(),
  'vault.lock': async ({ lock }) => {
    await lock();
    return { locked: true };
  },

  'kms.call': async ({ services }, { operation, input }, { caller }) => ({
    output: await dispatch(services.kms, caller, operation, input),
  }),
  ...KEY_HANDLERS,

  'files.exportDataKey': async (ctx, input, { caller }) =>
    exportFileKey(ctx.fileServices, ctx.confirm, input, caller),
  'files.encrypt': (ctx, input, call) => runFileJob(ctx, 'encrypt', input, call),
  'files.decrypt': (ctx, input, call) => runFileJob(ctx, 'decrypt', input, call),
  'files.decryptRange': async (ctx, { keyring, ...job }, call) =>
    pipedOf(
      await withKeyring(keyring, (keys) =>
        decryptRange(ctx.fileServices, { ...job, ...keys }, call, streamsOf(call).output),
      ),
    ),
  'files.verify': (ctx, input, call) => runFileJob(ctx, 'verify', input, call),
  'files.rewrap': (ctx, input, call) => runFileJob(ctx, 'rewrap', input, call),
  'files.reencrypt': (ctx, input, call) => runFileJob(ctx, 'reencrypt', input, call),
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

  ...JOB_HANDLERS,
  ...AUDIT_HANDLERS,
  ...ENDPOINT_HANDLERS,
  ...ACCESS_HANDLERS,
  ...PROTECTOR_HANDLERS,
  ...PARTIAL_HANDLERS,
  ...RECOVERY_HANDLERS,
  ...BACKUP_HANDLERS,
  ...HEALTH_HANDLERS,

  'config.list': async ({ services }) => services.settings(),
  'config.set': async ({ services, fileServices }, { name, value: given }, { caller }) => {
    const value = name === 'default-key' ? keyReference(given) : given;
    // A default that no key for files stands behind would fail at the next file, far from its cause.
    if (name === 'default-key') {
      requireForFiles(given, services.kms.look(await fileServices.keyFor(caller, value)).metadata);
    }
    return services.audit.write((tx) => {
      writeSetting(services.records, tx, name, value);
      services.audit.append(tx, ownEvent(caller.principal, 'SetConfig', { name, value }));
      return readSettings(services.records, tx);
    });
  },
};

function requireForFiles(name: string, { KeySpec, KeyUsage }: KeyMetadata): void {
  if (KeySpec === 'SYMMETRIC_DEFAULT') return;
  throw new KeywardError(
    'InvalidKeyUsageException',
    `${name} is for ${KeyUsage} by ${KeySpec}, and files are encrypted under keys of SYMMETRIC_DEFAULT only. Choose one of those.`,
  );
}

function pipedOf({ bytes, notes }: Piped): Output<'files.decryptStream'> {
  return { bytes, ...(notes.length === 0 ? {} : { notes: [...notes] }) };
}
