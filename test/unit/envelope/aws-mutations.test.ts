import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from '@aws-crypto/client-node';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseAwsHeader, readAwsHeader } from '../../../src/main/envelope/aws/header.ts';
import { parseArea } from '../../../src/main/envelope/header.ts';
import { readHeader, readStreamHeader } from '../../../src/main/envelope/header-copies.ts';
import { isKeywardError } from '../../../src/shared/errors.ts';
import { numbers } from '../../support/random.ts';
import { decryptAws, encryptAws, OPENER, WRAPPING } from './aws-support.ts';
import { mutant, RUNS, SEED } from './mutants.ts';
import { memoryFile, memorySource, pattern } from './support.ts';

const REFUSALS = [
  'NotKeywardFile',
  'NewerFormat',
  'FileTruncated',
  'FileDamaged',
  'WrongKey',
  'UnsupportedSlot',
  'UnsupportedOperationException',
  'HeaderTooLarge',
];

const client = buildClient(CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT);
const keyring = new RawAesKeyringNode({
  keyNamespace: WRAPPING.namespace,
  keyName: WRAPPING.name,
  unencryptedMasterKey: Uint8Array.from(WRAPPING.key),
  wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
});

/** The most bytes that were asked for at once, while it is watched. */
let most = 0;
beforeEach(() => {
  most = 0;
  for (const name of ['alloc', 'allocUnsafe', 'allocUnsafeSlow'] as const) {
    const real = Buffer[name];
    vi.spyOn(Buffer, name).mockImplementation((size: number, ...rest: []) => {
      most = Math.max(most, size);
      return real.call(Buffer, size, ...rest);
    });
  }
});
afterEach(() => vi.restoreAllMocks());

/** No length that a stranger writes may ask for more than the file has, but for some room to read in. */
function expectLittleMemory(fileBytes: number): void {
  expect(most).toBeLessThanOrEqual(2 * fileBytes + 2 ** 20);
}

/** Messages of every shape, with what made them. */
async function messages(plaintext: Buffer): Promise<{ name: string; bytes: Buffer }[]> {
  const old = await client.encrypt(keyring, plaintext, {
    suiteId: AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA256,
    frameLength: 1024,
  });
  return [
    { name: '0478', bytes: (await encryptAws(plaintext, { frameLength: 1024 })).bytes },
    { name: '0578', bytes: (await encryptAws(plaintext, { suite: 0x0578, frameLength: 1024 })).bytes },
    { name: '0178, by the official client', bytes: old.result },
  ];
}

describe(`mutants of AWS messages, seed ${SEED}`, () => {
  it.each([0, 1, 3_000])('of %i bytes give the plaintext or are refused', async (length) => {
    const plaintext = pattern(length);
    for (const { name, bytes } of await messages(plaintext)) {
      const below = numbers(SEED + length + bytes.length);
      for (let run = 0; run < RUNS; run++) {
        const changed = mutant(bytes, below);
        try {
          const { plaintext: back } = await decryptAws(changed, [OPENER], { allowNonCommitting: true });
          expect(back.equals(plaintext), `${name}, run ${run}`).toBe(true);
        } catch (error) {
          if (!isKeywardError(error)) throw new Error(`${name}, run ${run}`, { cause: error });
          expect(REFUSALS).toContain(error.code);
        }
        expectLittleMemory(changed.length);
      }
    }
  });
});

const u16 = fc.oneof(fc.constantFrom(0, 1, 2, 20, 21, 0x7fff, 0xffff), fc.nat(0xffff));
const u32 = fc.oneof(fc.constantFrom(0, 1, 4096, 0x7fff_ffff, 0xffff_ffff), fc.nat(0xffff_ffff));
const big16 = (n: number) => Buffer.from([n >> 8, n & 0xff]);
const big32 = (n: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
};
const some = fc.uint8Array({ maxLength: 300 });
/** A field with a length of its own, which may not be its length. */
const field = fc
  .tuple(fc.option(u16), fc.uint8Array({ maxLength: 80 }))
  .map(([length, bytes]) => Buffer.concat([big16(length ?? bytes.length), bytes]));
const awsHeader = fc
  .tuple(
    fc.constantFrom('0180', '02'),
    fc.oneof(fc.constantFrom(0x0014, 0x0178, 0x0378, 0x0478, 0x0578), u16),
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    field,
    u16,
    fc.array(field, { maxLength: 70 }),
    fc.nat(255),
    u32,
    some,
  )
  .map(([start, suite, id, context, count, edks, type, frame, rest]) =>
    Buffer.concat([
      Buffer.from(start, 'hex'),
      big16(suite),
      start === '02' ? id : id.subarray(16),
      context,
      big16(count),
      ...edks,
      Uint8Array.of(type),
      big32(frame),
      rest,
    ]),
  );
const nativeHeader = fc
  .tuple(
    u32,
    fc.uint8Array({ minLength: 40, maxLength: 40 }),
    u32,
    fc.array(field, { maxLength: 60 }),
    fc.boolean(),
  )
  .map(([version, rest, length, fields, twice]) => {
    const area = Buffer.alloc(length % 4096 === 0 && length <= 65_536 && length > 0 ? length : 4096);
    const start = [
      Buffer.from('KEYWARD\n'),
      big32(version),
      rest.subarray(0, 4),
      big32(length),
      rest.subarray(4),
      ...fields,
    ];
    Buffer.concat(start).copy(area);
    return twice ? Buffer.concat([area, area]) : area;
  });

describe('headers of any bytes', () => {
  const numRuns = Math.max(300, RUNS);
  const hostile = fc.oneof(
    some.map((bytes) => Buffer.from(bytes)),
    awsHeader,
    nativeHeader,
  );

  async function refusedOrRead(act: () => unknown): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!isKeywardError(error)) throw error;
      expect(REFUSALS).toContain(error.code);
    }
  }

  it('are read or refused by every reader, with little memory', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (bytes) => {
        most = 0;
        await refusedOrRead(() => parseAwsHeader(bytes, 'x'));
        await refusedOrRead(() => readAwsHeader(memorySource(bytes)));
        await refusedOrRead(() => parseArea(bytes, 'x'));
        await refusedOrRead(() => readHeader(memoryFile(bytes)));
        await refusedOrRead(() => readStreamHeader(memorySource(bytes)));
        await refusedOrRead(() => decryptAws(bytes, [OPENER], { allowNonCommitting: true }));
        expectLittleMemory(bytes.length);
      }),
      { numRuns, seed: SEED },
    );
  });
});
