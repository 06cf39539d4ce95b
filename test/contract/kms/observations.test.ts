import * as sdk from '@aws-sdk/client-kms';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  KMS_FIELDS_REFUSED,
  KMS_OPERATION_NAMES,
  KMS_OPERATIONS,
  KMS_REFUSED,
  KMS_REFUSED_NAMES,
} from '../../../src/shared/kms-operations.ts';
import { declaredFields } from './declared.ts';
import { OBSERVATIONS } from './observations.ts';
import type { Observation } from './observing.ts';
import { World } from './world.ts';

const all = Object.values(OBSERVATIONS).flat();
const operations = [...new Set(all.map(({ operation }) => operation))].sort();

let world: World | undefined;

afterEach(async () => {
  vi.restoreAllMocks();
  await world?.end();
});

/** Calls an operation by its name. */
async function call(client: sdk.KMS, operation: string, input: object): Promise<object> {
  const method: unknown = Reflect.get(client, operation.slice(0, 1).toLowerCase() + operation.slice(1));
  if (typeof method !== 'function') throw new Error(`AWS's client has no ${operation}`);
  return Reflect.apply(method, client, [input]);
}

/** What comes of a call: `success` with the fields of its answer, or the name of its error. */
async function outcomeOf(answer: Promise<object>): Promise<string> {
  try {
    const fields = Object.entries(await answer).filter(
      ([name, value]) => name !== '$metadata' && value !== undefined,
    );
    return `success ${fields.map(([name]) => name).sort()}`;
  } catch (error) {
    if (!(error instanceof sdk.KMSServiceException)) throw error;
    const known: unknown = Reflect.get(sdk, error.name);
    // An error that AWS's client knows comes as its own class, and as its own fault or the caller's.
    if (typeof known === 'function' && !(error instanceof known)) return `${error.name} of another class`;
    const status = error.$fault === 'server' ? 500 : 400;
    if (error.$metadata.httpStatusCode !== status) return `${error.name} ${error.$metadata.httpStatusCode}`;
    return error.name;
  }
}

function expectedOf({ outcome, gives }: Observation): string {
  return gives === undefined ? outcome : `${outcome} ${[...gives].sort()}`;
}

/** What is seen of one operation, in the order of its observations. */
async function observe(at: World, observations: readonly Observation[]): Promise<string[]> {
  const seen: string[] = [];
  for (const { operation, input, circumstance } of observations) {
    const made = await input(at);
    if (circumstance === 'locking') {
      seen.push(await whileLocking(at, () => call(at.kms, operation, made)));
    } else {
      seen.push(await outcomeOf(call(circumstance === 'nobody' ? at.nobody : at.kms, operation, made)));
    }
  }
  return seen;
}

/** What comes of a call while the endpoint stops and waits for another call that is in flight. */
async function whileLocking(at: World, act: () => Promise<object>): Promise<string> {
  let goOn: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const begun = new Promise<void>((resolve) => {
    vi.spyOn(at.served.kms, 'ListKeys').mockImplementationOnce(async () => {
      resolve();
      await gate;
      return { Keys: [], Truncated: false };
    });
  });
  const slow = at.kms.listKeys({});
  await begun;
  const stopped = at.served.endpoint.stop();
  const outcome = await outcomeOf(act());
  goOn();
  await slow;
  await stopped;
  return outcome;
}

describe('every operation, by AWS’s own client', () => {
  it.each(operations)('%s comes out as it is said', async (operation) => {
    world = await World.make();
    const observations = all.filter((one) => one.operation === operation);
    expect(await observe(world, observations)).toEqual(observations.map(expectedOf));
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
      DryRunModifiers: ['IGNORE_CIPHERTEXT'],
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
