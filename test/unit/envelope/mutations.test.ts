import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openFile } from '../../../src/main/disk/file.ts';
import { checkFile } from '../../../src/main/envelope/body.ts';
import { newHeader } from '../../../src/main/envelope/compose.ts';
import { encryptStream } from '../../../src/main/envelope/encrypt.ts';
import { decryptInto } from '../../../src/main/envelope/files.ts';
import { readHeader } from '../../../src/main/envelope/header-copies.ts';
import { nativeBody } from '../../../src/main/envelope/native-body.ts';
import { openHeader } from '../../../src/main/envelope/open.ts';
import { surveyFile } from '../../../src/main/envelope/salvage-scan.ts';
import { isKeywardError } from '../../../src/shared/errors.ts';
import { numbers } from '../../support/random.ts';
import { mutant, RUNS, SEED } from './mutants.ts';
import { FRAME, headerInput, memorySink, memorySource, pattern } from './support.ts';

const REFUSALS = ['NotKeywardFile', 'NewerFormat', 'FileTruncated', 'FileDamaged', 'WrongKey'];

const folder = mkdtempSync(join(tmpdir(), 'keyward-mutations-'));
afterAll(() => rmSync(folder, { recursive: true }));

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
