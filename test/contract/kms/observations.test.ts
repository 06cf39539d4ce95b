import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  KMS_FIELDS_REFUSED,
  KMS_OPERATION_NAMES,
  KMS_OPERATIONS,
  KMS_REFUSED,
  KMS_REFUSED_NAMES,
} from '../../../src/shared/kms-operations.ts';
import { call } from './calling.ts';
import { CONDITION_KEYS, OF_EVERY_KEY } from './condition-keys.ts';
import { declaredFields } from './declared.ts';
import { OBSERVATIONS } from './observations.ts';
import type { Observation } from './observing.ts';
import { type Answer, type Recording, record } from './recording.ts';
import { numbersOf, Scanner, type Secret } from './secrets.ts';
import { World } from './world.ts';

const all = Object.values(OBSERVATIONS).flat();
const operations = [...new Set(all.map(({ operation }) => operation))].sort();

/** Fields of answers that are secrets which the operation is there to give. */
const GIVEN = ['Plaintext', 'PrivateKeyPlaintext', 'SharedSecret'];
/** The operations that are there to give one. */
const GIVING = [
  'Decapsulate',
  'Decrypt',
  'DeriveSharedSecret',
  'Encapsulate',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateRandom',
];

/** Some of what must never be given. */
const KEPT = [
  'exported material',
  'material of ECC_NIST_P521',
  'material of HMAC_256',
  'material of ML_KEM_768',
  'material of RSA_2048',
  'material of SYMMETRIC_DEFAULT',
  'private wrapping key',
  'secret access key',
];

let recording: Recording;
let world: World | undefined;

beforeAll(async () => {
  recording = await record(all);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await world?.end();
});

function expectedOf({ outcome, gives }: Observation): string {
  return gives === undefined ? outcome : `${outcome} ${[...gives].sort()}`;
}

/** The secrets that an answer gives on purpose. */
function givenBy({ operation, bytes }: Answer): Secret[] {
  const fields: { readonly [name: string]: unknown } = JSON.parse(bytes.toString());
  return GIVEN.flatMap((name) => {
    const value = fields[name];
    if (typeof value !== 'string') return [];
    const secret = Buffer.from(value, 'base64');
    const from = `${name} of ${operation}`;
    if (name === 'PrivateKeyPlaintext') return numbersOf(from, secret);
    return secret.length < 16 ? [] : [{ name: from, bytes: secret }];
  });
}

const namesOf = (found: Iterable<Secret>) => [...new Set([...found].map(({ name }) => name))].sort();

describe('every operation, by AWS’s own client', () => {
  it.each(operations)('%s comes out as it is said', (operation) => {
    const observations = all.filter((one) => one.operation === operation);
    const seen = observations.map((one) => recording.outcomes.get(one));
    expect(seen).toEqual(observations.map(expectedOf));
  });

  it('tells the condition keys that are said of it', () => {
    const told = [...recording.conditions].flatMap(([action, keys]) =>
      [...keys]
        // A key that is tagged while it is made tells what every key tells.
        .filter((key) => action !== 'kms:TagResource' || !OF_EVERY_KEY.includes(key))
        .map((key) => `${action.replace('kms:', '')} ${key}`),
    );
    const said = Object.entries(CONDITION_KEYS).flatMap(([key, actions]) =>
      actions.map((action) => `${action} ${key}`),
    );
    expect(told.sort()).toEqual(said.sort());
  });

  it('that is refused says why', async () => {
    world = await World.make();
    const { kms } = world;
    for (const operation of KMS_REFUSED_NAMES) {
      const input = all.find((one) => one.operation === operation)?.input(world) ?? {};
      await expect(call(kms, operation, input)).rejects.toThrow(KMS_REFUSED[operation]);
    }
  });

  it('is refused with a field that changes its meaning and is not there', async () => {
    world = await World.make();
    const values: { readonly [field: string]: unknown } = {
      CustomKeyStoreId: 'cks-1234567890abcdef0',
      GranteeServicePrincipal: 'service.amazonaws.com',
      Recipient: { KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256', AttestationDocument: Buffer.from('x') },
      RetiringServicePrincipal: 'service.amazonaws.com',
      XksKeyId: 'key',
    };
    const refusals: string[] = [];
    for (const operation of KMS_OPERATION_NAMES) {
      for (const field of declaredFields(operation).filter((one) => Object.hasOwn(KMS_FIELDS_REFUSED, one))) {
        if (Object.hasOwn(KMS_OPERATIONS[operation], field)) continue;
        const input = await all.find((one) => one.operation === operation)?.input(world);
        const asked = call(world.kms, operation, { ...input, [field]: values[field] });
        await expect(asked, `${operation} with ${field}`).rejects.toThrow(KMS_FIELDS_REFUSED[field]);
        refusals.push(field);
      }
    }
    expect([...new Set(refusals)].sort()).toEqual(Object.keys(KMS_FIELDS_REFUSED));
  });
});

describe('keys leave the core only where that is the purpose', () => {
  it('in no answer, no entry of the log, no byte of the database', () => {
    const { answers, kept, plaintext, disk } = recording;
    const given = [plaintext, ...answers.flatMap(givenBy)];
    const [keptOnes, every] = [new Scanner(), new Scanner()];
    for (const secret of kept) keptOnes.add(secret);
    for (const secret of [...kept, ...given]) every.add(secret);

    // What is looked for, and where, is really there.
    expect(new Set(answers.map(({ operation }) => operation))).toEqual(new Set(operations));
    expect(namesOf(kept)).toEqual(expect.arrayContaining(KEPT));
    const givers = new Set(given.map(({ name }) => name.split(' of ')[1]));
    expect([...givers].sort()).toEqual([...GIVING, 'Encrypt'].sort());

    for (const { operation, bytes } of answers) {
      const scanner = GIVING.includes(operation) ? keptOnes : every;
      expect(namesOf(scanner.findIn(bytes)), operation).toEqual([]);
    }
    expect(disk.some((bytes) => bytes.includes('"eventName":"ExportKeyMaterial"'))).toBe(true);
    for (const bytes of disk) expect(namesOf(every.findIn(bytes))).toEqual([]);
  });
});
