import type { Method, Output } from '../../../shared/contract.ts';
import { KeywardError } from '../../../shared/errors.ts';
import { ownEvent } from '../../audit/event.ts';
import { type Keyring, parseKeyring, wipeKeyring } from '../../envelope/aws/keyring.ts';
import { streamSink, streamSource } from '../../envelope/io.ts';
import { dispatch } from '../../kms/dispatch.ts';
import type { KeyMetadata } from '../../kms/types.ts';
import { decryptFiles } from '../../vault/decrypt.ts';
import { encryptFiles } from '../../vault/encrypt.ts';
import { inspectFile, withNewerVersions } from '../../vault/inspect.ts';
import type { JobServices, Piped } from '../../vault/jobs.ts';
import { decryptBuffered, decryptPipe, encryptPipe } from '../../vault/pipes.ts';
import { decryptRange } from '../../vault/range.ts';
import { reencryptFiles } from '../../vault/reencrypt.ts';
import { rewrapFiles } from '../../vault/rewrap.ts';
import { verifyFiles } from '../../vault/verify.ts';
import { type Call, streamsOf } from '../call.ts';
import type { Services } from '../services.ts';
import { ACCESS_HANDLERS } from './access.ts';
import { AUDIT_HANDLERS } from './audit.ts';
import { BACKUP_HANDLERS } from './backup.ts';
import { exportFileKey } from './data-key-export.ts';
import { ENDPOINT_HANDLERS } from './endpoint.ts';
import { type Handler, type HandlerContext, keyReference } from './handler-context.ts';
import { KEY_HANDLERS } from './keys.ts';
import { PROTECTOR_HANDLERS } from './protectors.ts';
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
    exportFileKey(jobServices(ctx), ctx.confirm, input, caller),
  'files.encrypt': async (ctx, input, call) => ({
    results: await encryptFiles(
      jobServices(ctx),
      {
        sources: input.sources,
        key: await keyOr(ctx.services, call, input.key),
        context: input.context ?? {},
        overwrite: input.overwrite,
        each: input.each,
        ...(input.skipExisting === undefined ? {} : { skipExisting: input.skipExisting }),
        ...(input.out === undefined ? {} : { out: input.out }),
        ...(input.aws === undefined ? {} : { aws: { suite: SUITES[input.aws.suite] } }),
      },
      call,
    ),
  }),
  'files.decrypt': async (ctx, { out, range, salvage, skipExisting, keyring, ...rest }, call) => {
    const job = {
      ...rest,
      ...(out === undefined ? {} : { out }),
      ...(range === undefined ? {} : { range }),
      ...(salvage === undefined ? {} : { salvage }),
      ...(skipExisting === undefined ? {} : { skipExisting }),
    };
    const results = await withKeyring(keyring, (keys) =>
      decryptFiles(jobServices(ctx), { ...job, ...keys }, call),
    );
    return { results };
  },
  'files.decryptRange': async (ctx, { keyring, ...job }, call) =>
    pipedOf(
      await withKeyring(keyring, (keys) =>
        decryptRange(jobServices(ctx), { ...job, ...keys }, call, streamsOf(call).output),
      ),
    ),
  'files.verify': async (ctx, { keyring, ...job }, call) => ({
    results: await withKeyring(keyring, (keys) => verifyFiles(jobServices(ctx), { ...job, ...keys }, call)),
  }),
  'files.rewrap': async (ctx, { sources, each, key, fromVersion, skipExisting }, call) => ({
    results: await rewrapFiles(
      jobServices(ctx),
      {
        sources,
        each,
        ...(key === undefined ? {} : { key: await keyOr(ctx.services, call, key) }),
        ...(fromVersion === undefined ? {} : { fromVersion }),
        ...(skipExisting === undefined ? {} : { skipExisting }),
      },
      call,
    ),
  }),
  'files.reencrypt': async (ctx, { sources, each, key }, call) => ({
    results: await reencryptFiles(
      jobServices(ctx),
      { sources, each, ...(key === undefined ? {} : { key: await keyOr(ctx.services, call, key) }) },
      call,
    ),
  }),
  'files.inspect': async ({ services }, { source }) =>
    withNewerVersions(services.kms, await inspectFile(source, services.slotKinds)),
  'files.encryptStream': async (ctx, { key, context, aws }, call) => {
    const { input, output } = streamsOf(call);
    const bytes = await encryptPipe(
      jobServices(ctx),
      {
        key: await keyOr(ctx.services, call, key),
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
      await withKeyring(keyring, (keys) => decrypt(jobServices(ctx), call, { source, sink, ...keys })),
    );
  },

  ...AUDIT_HANDLERS,
  ...ENDPOINT_HANDLERS,
  ...ACCESS_HANDLERS,
  ...PROTECTOR_HANDLERS,
  ...BACKUP_HANDLERS,

  'config.list': async ({ services }) => services.settings(),
  'config.set': async ({ services }, { name, value: given }, { caller }) => {
    const value = name === 'default-key' ? keyReference(given) : given;
    // A default that no key for files stands behind would fail at the next file, far from its cause.
    if (name === 'default-key') {
      requireForFiles(given, services.kms.look(await keyOr(services, { caller }, value)).metadata);
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

/** Suites of AWS messages by their names in the contract. */
const SUITES = { '0478': 0x0478, '0578': 0x0578 } as const;

/** Reads a keyring for the time of one call. Throws `ValidationException`. */
async function withKeyring<T>(
  text: { readonly name: string; readonly json: string } | undefined,
  use: (keys: { readonly keyring?: Keyring }) => Promise<T>,
): Promise<T> {
  if (text === undefined) return use({});
  const keyring = parseKeyring(text.json, text.name);
  try {
    return await use({ keyring });
  } finally {
    wipeKeyring(keyring);
  }
}

function jobServices({ services, home }: HandlerContext): JobServices {
  const { store, kms, slotKinds, files, partials, clock } = services;
  return { store, kms, slotKinds, files, partials, clock, home };
}

/** The key to encrypt under, by default the setting's; a managed key is made when it is first named here. */
async function keyOr(services: Services, { caller }: Pick<Call, 'caller'>, key?: string): Promise<string> {
  const reference = key === undefined ? services.settings()['default-key'] : keyReference(key);
  await services.kms.ensureManagedKey(caller, reference);
  return reference;
}
