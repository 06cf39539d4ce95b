import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openFile } from '../../../src/main/disk/file.ts';
import { checkFile } from '../../../src/main/envelope/body.ts';
import { newHeader } from '../../../src/main/envelope/compose.ts';
import { readHeader } from '../../../src/main/envelope/copies.ts';
import { encryptStream } from '../../../src/main/envelope/encrypt.ts';
import { decryptInto } from '../../../src/main/envelope/files.ts';
import { nativeBody } from '../../../src/main/envelope/message-body.ts';
import { openHeader } from '../../../src/main/envelope/open.ts';
import { surveyFile } from '../../../src/main/envelope/survey.ts';
import { isKeywardError } from '../../../src/shared/errors.ts';
import { FRAME, headerInput, memorySink, memorySource, pattern } from './support.ts';

/** So many mutants of each file; `KEYWARD_FUZZ_RUNS` says how many else, `KEYWARD_FUZZ_SEED` which. */
const RUNS = Number(process.env['KEYWARD_FUZZ_RUNS'] ?? 150);
const SEED = Number(process.env['KEYWARD_FUZZ_SEED'] ?? randomInt(2 ** 31));

const REFUSALS = ['NotKeywardFile', 'NewerFormat', 'FileTruncated', 'FileDamaged', 'WrongKey'];

const folder = mkdtempSync(join(tmpdir(), 'keyward-mutations-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The same numbers for the same seed (Mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** One to three changes: bits, extreme numbers, cuts, additions, moved pieces. */
function mutant(whole: Buffer, below: (most: number) => number): Buffer {
  let bytes = Buffer.from(whole);
  for (let left = 1 + below(3); left > 0; left--) {
    const at = below(bytes.length - 8);
    switch (below(6)) {
      case 0:
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << below(8)), at);
        break;
      case 1:
        bytes.writeUInt32BE([0, 1, 0x7fff_ffff, 0xffff_ffff][below(4)] ?? 0, at);
        break;
      case 2:
        bytes = bytes.subarray(0, Math.max(16, at));
        break;
      case 3:
        bytes = Buffer.concat([bytes, Buffer.alloc(1 + below(300), below(256))]);
        break;
      case 4: {
        const from = below(bytes.length - 8);
        bytes.copy(bytes, at, from, from + below(5_000));
        break;
      }
      default:
        // The header's own numbers, which are few, get their share.
        bytes.writeUInt8(below(256), below(Math.min(bytes.length, 400)));
    }
  }
  return bytes;
}

describe(`mutants of native files, seed ${SEED}`, () => {
  it.each([0, 1, FRAME, 3 * FRAME + 5])(
    'of %i bytes give the plaintext or are refused, and a survey never takes a wrong byte',
    async (length) => {
      const below = numbers(SEED + length);
      const plaintext = pattern(length);
      const given = headerInput();
      const sink = memorySink();
      await encryptStream(newHeader(given), memorySource(plaintext), sink);
      const path = join(folder, `mutant-${length}`);
      for (let run = 0; run < RUNS; run++) {
        writeFileSync(path, mutant(sink.bytes(), below));
        const [target, partly] = [
          join(folder, `whole-${length}-${run}`),
          join(folder, `part-${length}-${run}`),
        ];
        const file = await openFile(path, 'read');
        const into = await openFile(target, 'create');
        const salvaged = await openFile(partly, 'create');
        try {
          const { header } = await readHeader(file);
          const body = nativeBody(openHeader(header, given.dataKey, path));
          const survey = await surveyFile(file, body, salvaged);
          const part = Buffer.alloc(survey.of);
          const got = await salvaged.read(part, 0);
          for (let i = 0; i < got; i++) {
            if (part[i] !== 0 && part[i] !== plaintext[i])
              throw new Error(`run ${run}: a wrong byte at ${i}`);
          }
          const bytes = await decryptInto(await checkFile(file, body), into);
          const back = Buffer.alloc(length + 1);
          expect(bytes).toBe(length);
          expect(back.subarray(0, await into.read(back, 0)).equals(plaintext)).toBe(true);
          expect([survey.bytes, survey.lost, survey.endMissing]).toEqual([length, [], false]);
        } catch (error) {
          if (!isKeywardError(error)) throw error;
          expect(REFUSALS).toContain(error.code);
        } finally {
          for (const open of [file, into, salvaged]) await open.close();
          for (const name of [target, partly]) rmSync(name);
        }
      }
    },
  );
});
