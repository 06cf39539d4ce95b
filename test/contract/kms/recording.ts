import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { ServerResponse } from 'node:http';
import * as sdk from '@aws-sdk/client-kms';
import { KMSServiceException } from '@aws-sdk/client-kms';
import Database from 'better-sqlite3';
import { vi } from 'vitest';
import { Authorizer } from '../../../src/main/kms/access/authorizer.ts';
import { ImportTokens } from '../../../src/main/kms/keys/import-token.ts';
import { Materials } from '../../../src/main/kms/keys/material-wrapping.ts';
import { kindOf } from '../../../src/shared/key-specs.ts';
import { entryTexts } from '../../unit/audit/support.ts';
import { OWNER } from '../../unit/kms/support.ts';
import { testKey } from '../../unit/store/support.ts';
import { call } from './calling.ts';
import type { Observation } from './observing.ts';
import { numbersOf, type Secret } from './secrets.ts';
import { there, World } from './world.ts';

/** An answer of the endpoint as it was sent. */
export type Answer = { readonly operation: string; readonly bytes: Buffer };

/** What came of a run of all observations, and of some calls with other kinds of keys. */
export type Recording = {
  /** Of each observation: `success` with the fields of its answer, or the name of its error. */
  readonly outcomes: ReadonlyMap<Observation, string>;
  /** The condition keys that calls told of themselves, by action, such as `kms:Encrypt`. */
  readonly conditions: ReadonlyMap<string, ReadonlySet<string>>;
  readonly answers: readonly Answer[];
  /** Secrets that no answer may have, among them all key material. */
  readonly kept: readonly Secret[];
  /** A plaintext that was encrypted. */
  readonly plaintext: Secret;
  /** All that the vault had on disk in the end. */
  readonly disk: readonly Buffer[];
};

/** Makes all calls on one vault, those in its locking last. */
export async function record(observations: readonly Observation[]): Promise<Recording> {
  const { materials, answers } = listen();
  const conditions = listenToConditions();
  const world = await World.make();
  try {
    const outcomes = new Map<Observation, string>();
    for (const one of observations) {
      if (one.circumstance === 'locking') continue;
      const made = await one.input(world);
      const client = one.circumstance === 'nobody' ? world.nobody : world.kms;
      outcomes.set(one, await outcomeOf(call(client, one.operation, made)));
    }
    const { plaintext, kept } = await more(world);
    const locking = observations.filter(({ circumstance }) => circumstance === 'locking');
    for (const [one, outcome] of await whileLocking(world, locking)) outcomes.set(one, outcome);
    return {
      outcomes,
      conditions,
      answers,
      kept: [...materials, ...kept],
      plaintext,
      disk: onDisk(world.served.store.path),
    };
  } finally {
    vi.restoreAllMocks();
    await world.end();
  }
}

/** Other kinds of keys, a plaintext on its way, an export, and what the vault itself has for secrets. */
async function more(world: World): Promise<{ plaintext: Secret; kept: Secret[] }> {
  const { kms, served } = world;
  for (const KeySpec of ['RSA_2048', 'ECC_NIST_P521', 'ECC_SECG_P256K1', 'ML_DSA_44', 'HMAC_512'] as const) {
    const KeyUsage = KeySpec === 'HMAC_512' ? 'GENERATE_VERIFY_MAC' : 'SIGN_VERIFY';
    await kms.describeKey({ KeyId: await world.key({ KeySpec, KeyUsage }) });
  }
  const plaintext = { name: 'Plaintext of Encrypt', bytes: randomBytes(64) };
  const KeyId = await world.key();
  const EncryptionContext = { purpose: 'canary' };
  const blob = await kms.encrypt({ KeyId, Plaintext: plaintext.bytes, EncryptionContext });
  const CiphertextBlob = there(blob.CiphertextBlob);
  const DestinationKeyId = await world.key();
  await kms.reEncrypt({ CiphertextBlob, SourceEncryptionContext: EncryptionContext, DestinationKeyId });
  await kms.decrypt({ CiphertextBlob }).catch(() => undefined);
  await kms.decrypt({ CiphertextBlob, EncryptionContext });
  const { exported } = await served.kms.exportMaterial(OWNER, { KeyId, form: 'material' });
  const own = ['wrap', 'audit-mac', 'audit-names', 'row', 'set'];
  return {
    plaintext,
    kept: [
      { name: 'exported material', bytes: exported },
      { name: 'secret access key', bytes: Buffer.from(served.key.secretAccessKey) },
      ...own.map((name) => ({ name, bytes: testKey(name) })),
    ],
  };
}

/** What comes of a call: `success` with the fields of its answer, or the name of its error. */
async function outcomeOf(answer: Promise<object>): Promise<string> {
  try {
    const fields = Object.entries(await answer).filter(
      ([name, value]) => name !== '$metadata' && value !== undefined,
    );
    return `success ${fields.map(([name]) => name).sort()}`;
  } catch (error) {
    if (!(error instanceof KMSServiceException)) throw error;
    const known: unknown = Reflect.get(sdk, error.name);
    // An error that AWS's client knows comes as its own class, and as the service's own fault or the caller's.
    if (typeof known === 'function' && !(error instanceof known)) return `${error.name} of another class`;
    const status = error.$fault === 'server' ? 500 : 400;
    if (error.$metadata.httpStatusCode !== status) return `${error.name} ${error.$metadata.httpStatusCode}`;
    return error.name;
  }
}

/**
 * What comes of calls while the endpoint stops and waits for another call that is in flight. Nobody can connect any
 * more then, and every answer ends its connection, so each call has one that was opened before.
 */
async function whileLocking(
  world: World,
  observations: readonly Observation[],
): Promise<[Observation, string][]> {
  const inputs: [Observation, object][] = [];
  for (const one of observations) inputs.push([one, await one.input(world)]);
  const waiting: (() => void)[] = [];
  const all = new Promise<void>((resolve) => {
    vi.spyOn(world.served.kms, 'ListKeys').mockImplementation(async () => {
      await new Promise<void>((goOn) => {
        waiting.push(goOn);
        if (waiting.length > inputs.length) resolve();
      });
      return { Keys: [], Truncated: false };
    });
  });
  let answered = 0;
  const slow: Promise<unknown>[] = [];
  const onlyOne = new Promise<void>((resolve) => {
    for (let n = 0; n <= inputs.length; n++) {
      const call = world.kms.listKeys({});
      slow.push(call.then(() => ++answered === inputs.length && resolve()));
    }
  });
  await all;
  const [last, ...others] = waiting;
  for (const goOn of others) goOn();
  await onlyOne;
  const stopped = world.served.endpoint.stop();
  const outcomes: [Observation, string][] = [];
  for (const [one, input] of inputs) {
    outcomes.push([one, await outcomeOf(call(world.kms, one.operation, input))]);
  }
  last?.();
  await Promise.all(slow);
  await stopped;
  return outcomes;
}

/** The condition keys that calls tell, by the action that is asked for; names in a key are left out. */
function listenToConditions(): Map<string, Set<string>> {
  const told = new Map<string, Set<string>>();
  const { decide } = Authorizer.prototype;
  vi.spyOn(Authorizer.prototype, 'decide').mockImplementation(function (this: Authorizer, tx, ask) {
    const { conditions = {}, encryptionContext } = ask;
    const keys = told.get(ask.action) ?? new Set();
    told.set(ask.action, keys);
    for (const [key, value] of Object.entries(conditions)) {
      if (value !== undefined) keys.add(key.replace(/^(aws:RequestTag)\/.*/, '$1/…'));
    }
    if (encryptionContext !== undefined) keys.add('kms:EncryptionContext:…');
    return decide.call(this, tx, ask);
  });
  return told;
}

/** Listens for all key material that is wrapped or sealed, and for all bytes that the endpoint sends. */
function listen() {
  const [materials, answers]: [Secret[], Answer[]] = [[], []];
  const { wrap } = Materials.prototype;
  vi.spyOn(Materials.prototype, 'wrap').mockImplementation(function (this: Materials, binding, material) {
    const name = `material of ${binding.key.spec}`;
    const isRsa = kindOf(binding.key.spec).kind === 'rsa';
    materials.push(...(isRsa ? numbersOf(name, material) : [{ name, bytes: Buffer.from(material) }]));
    return wrap.call(this, binding, material);
  });
  const { seal } = ImportTokens.prototype;
  vi.spyOn(ImportTokens.prototype, 'seal').mockImplementation(function (
    this: ImportTokens,
    id,
    given,
    until,
  ) {
    materials.push(...numbersOf('private wrapping key', given.privateKey));
    return seal.call(this, id, given, until);
  });
  const heard = (response: ServerResponse, bytes: unknown): Buffer => {
    if (!Buffer.isBuffer(bytes)) throw new Error('the endpoint sends buffers');
    const operation = String(response.req.headers['x-amz-target']).replace('TrentService.', '');
    answers.push({ operation, bytes: Buffer.from(bytes) });
    return bytes;
  };
  const write: (this: ServerResponse, bytes: Buffer) => boolean = ServerResponse.prototype.write;
  vi.spyOn(ServerResponse.prototype, 'write').mockImplementation(function (
    this: ServerResponse,
    bytes: unknown,
  ) {
    return write.call(this, heard(this, bytes));
  });
  const end: (this: ServerResponse, bytes?: Buffer) => ServerResponse = ServerResponse.prototype.end;
  vi.spyOn(ServerResponse.prototype, 'end').mockImplementation(function (
    this: ServerResponse,
    bytes?: unknown,
  ) {
    return bytes === undefined ? end.call(this) : end.call(this, heard(this, bytes));
  });
  return { materials, answers };
}

/** Everything that a vault has on disk: its files as they are, and each value of each row. */
function onDisk(path: string): Buffer[] {
  const files = ['', '-wal', '-shm'].map((end) => `${path}${end}`).filter((file) => existsSync(file));
  const db = new Database(path, { readonly: true });
  try {
    const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all();
    const values = tables.flatMap((table) => db.prepare(`SELECT * FROM "${table}"`).raw().all().flat());
    const texts = values.filter((value) => typeof value === 'string' || Buffer.isBuffer(value));
    // Entries of the log as they read, since packing could hide a secret from whoever looks for it.
    const parts = [...texts.map((one) => Buffer.from(one)), Buffer.from(entryTexts(path).join('\n'))];
    return [...files.map((file) => readFileSync(file)), Buffer.concat(parts)];
  } finally {
    db.close();
  }
}
