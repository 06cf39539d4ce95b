import type { AuditLine, Method, Output } from '../../shared/contract.ts';
import { KeywardError } from '../../shared/errors.ts';
import type { AuditEntry } from '../audit/event.ts';
import { type Keyring, parseKeyring, wipeKeyring } from '../envelope/aws/keyring.ts';
import { streamSink, streamSource } from '../envelope/flow.ts';
import { dispatch } from '../kms/dispatch.ts';
import type { KeyMetadata } from '../kms/types.ts';
import { decryptFiles } from '../vault/decrypt.ts';
import { encryptFiles } from '../vault/encrypt.ts';
import { inspectFile, withNewerVersions } from '../vault/inspect.ts';
import type { JobRooms } from '../vault/jobs.ts';
import { decryptBuffered, decryptPipe, encryptPipe, type Piped } from '../vault/pipes.ts';
import { decryptRange } from '../vault/range.ts';
import { reencryptFiles } from '../vault/reencrypt.ts';
import { rewrapFiles } from '../vault/rewrap.ts';
import { verifyFiles } from '../vault/verify.ts';
import { ACCESS_HANDLERS } from './access-handlers.ts';
import { type Call, type Desk, type Handler, keyReference, streamsOf } from './call.ts';
import { ENDPOINT_HANDLERS } from './endpoint-handlers.ts';
import { exportFileKey } from './key-export.ts';
import { KEY_HANDLERS } from './key-handlers.ts';
import type { Rooms } from './rooms.ts';
import { readSettings, writeSetting } from './settings.ts';

/** One handler for each method of the contract. They know no transport. */
export const HANDLERS: { readonly [M in Method]: Handler<M> } = {
  'vault.status': async ({ status }) => status(),
  'vault.lock': async ({ lock }) => {
    await lock();
    return { locked: true };
  },

  'kms.call': async ({ rooms }, { operation, input }, { caller }) => ({
    output: await dispatch(rooms.kms, caller, operation, input),
  }),
  ...KEY_HANDLERS,

  'files.exportDataKey': async (desk, input, { caller }) =>
    exportFileKey(jobRooms(desk), desk.confirm, input, caller),
  'files.encrypt': async (desk, input, call) => ({
    results: await encryptFiles(
      jobRooms(desk),
      {
        sources: input.sources,
        key: await keyOr(desk.rooms, call, input.key),
        context: input.context ?? {},
        overwrite: input.overwrite,
        each: input.each,
        ...(input.out === undefined ? {} : { out: input.out }),
        ...(input.aws === undefined ? {} : { aws: { suite: SUITES[input.aws.suite] } }),
      },
      call,
    ),
  }),
  'files.decrypt': async (desk, { out, range, salvage, keyring, ...rest }, call) => {
    const job = {
      ...rest,
      ...(out === undefined ? {} : { out }),
      ...(range === undefined ? {} : { range }),
      ...(salvage === undefined ? {} : { salvage }),
    };
    const results = await withKeyring(keyring, (keys) =>
      decryptFiles(jobRooms(desk), { ...job, ...keys }, call),
    );
    return { results };
  },
  'files.decryptRange': async (desk, { keyring, ...job }, call) =>
    pipedOf(
      await withKeyring(keyring, (keys) =>
        decryptRange(jobRooms(desk), { ...job, ...keys }, call, streamsOf(call).output),
      ),
    ),
  'files.verify': async (desk, { keyring, ...job }, call) => ({
    results: await withKeyring(keyring, (keys) => verifyFiles(jobRooms(desk), { ...job, ...keys }, call)),
  }),
  'files.rewrap': async (desk, { sources, each, key, fromVersion }, call) => ({
    results: await rewrapFiles(
      jobRooms(desk),
      {
        sources,
        each,
        ...(key === undefined ? {} : { key: await keyOr(desk.rooms, call, key) }),
        ...(fromVersion === undefined ? {} : { fromVersion }),
      },
      call,
    ),
  }),
  'files.reencrypt': async (desk, { sources, each, key }, call) => ({
    results: await reencryptFiles(
      jobRooms(desk),
      { sources, each, ...(key === undefined ? {} : { key: await keyOr(desk.rooms, call, key) }) },
      call,
    ),
  }),
  'files.inspect': async ({ rooms }, { source }) => withNewerVersions(rooms.kms, await inspectFile(source)),
  'files.encryptStream': async (desk, { key, context, aws }, call) => {
    const { input, output } = streamsOf(call);
    const bytes = await encryptPipe(
      jobRooms(desk),
      {
        key: await keyOr(desk.rooms, call, key),
        context: context ?? {},
        ...(aws === undefined ? {} : { aws: { suite: SUITES[aws.suite] } }),
      },
      call,
      { source: streamSource(input, 'standard input'), sink: streamSink(output, 'to standard output') },
    );
    return { bytes };
  },
  'files.decryptStream': async (desk, { buffered, keyring }, call) => {
    const { input, output } = streamsOf(call);
    const source = streamSource(input, 'standard input');
    const sink = streamSink(output, 'to standard output');
    const decrypt = buffered ? decryptBuffered : decryptPipe;
    return pipedOf(
      await withKeyring(keyring, (keys) => decrypt(jobRooms(desk), call, { source, sink, ...keys })),
    );
  },

  'audit.list': async ({ rooms }, { limit, before, key, event }) => {
    const keyArn = key === undefined ? undefined : rooms.kms.look(keyReference(key)).metadata.Arn;
    const entries = rooms.audit.list({
      limit,
      ...(before === undefined ? {} : { before }),
      ...(keyArn === undefined ? {} : { keyArn }),
      ...(event === undefined ? {} : { eventName: event }),
    });
    const nameOf = keyNames(rooms);
    return { entries: entries.map((entry) => auditLineOf(entry, nameOf)) };
  },
  'audit.verify': async ({ rooms, anchored }, _input, { signal }) =>
    anchored(await rooms.audit.verify(signal)),

  ...ENDPOINT_HANDLERS,
  ...ACCESS_HANDLERS,

  'config.list': async ({ rooms }) => rooms.settings(),
  'config.set': async ({ rooms }, { name, value: given }, { caller }) => {
    const value = name === 'default-key' ? keyReference(given) : given;
    // A default that no key for files stands behind would fail at the next file, far from its cause.
    if (name === 'default-key') {
      requireForFiles(given, rooms.kms.look(await keyOr(rooms, { caller }, value)).metadata);
    }
    return rooms.audit.write((tx) => {
      writeSetting(rooms.records, tx, name, value);
      rooms.audit.append(tx, {
        eventName: 'SetConfig',
        eventType: 'KeywardEvent',
        principal: caller.principal,
        readOnly: false,
        keyArns: [],
        requestParameters: { name, value },
      });
      return readSettings(rooms.records, tx);
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

function jobRooms({ rooms, home }: Desk): JobRooms {
  return { store: rooms.store, kms: rooms.kms, files: rooms.files, clock: rooms.clock, home };
}

/** The key to encrypt under, by default the setting's; a managed key is made when it is first named here. */
async function keyOr(rooms: Rooms, { caller }: Pick<Call, 'caller'>, key?: string): Promise<string> {
  const reference = key === undefined ? rooms.settings()['default-key'] : keyReference(key);
  await rooms.kms.ensureManagedKey(caller, reference);
  return reference;
}

function auditLineOf(entry: AuditEntry, nameOf: (arn: string) => string): AuditLine {
  const {
    eventType: _type,
    awsRegion: _region,
    recipientAccountId: _account,
    intact: _intact,
    ...line
  } = entry;
  return { ...line, keyNames: line.keyArns.map(nameOf) };
}

/** The name that a key goes by now: its first alias, else its ARN, as of one that was shredded. */
function keyNames(rooms: Rooms): (arn: string) => string {
  const known = new Map<string, string>();
  return (arn) => {
    const name = known.get(arn) ?? rooms.kms.nameOf(arn) ?? arn;
    known.set(arn, name);
    return name;
  };
}
