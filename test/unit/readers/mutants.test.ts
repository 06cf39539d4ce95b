import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../readers/answer.ts';
import { appReader } from '../../readers/app.ts';
import { nativeMutant } from '../../readers/native-mutants.ts';
import { pythonReader, whyNoPython } from '../../readers/python.ts';
import { toolReader } from '../../readers/tool.ts';
import { numbers } from '../../support/random.ts';
import { type nativeVectors, partsOf } from '../../vectors/generate-native.ts';
import { SEED } from '../envelope/mutants.ts';

type Vectors = Awaited<ReturnType<typeof nativeVectors>>;

const LEVELS: { readonly [level: string]: number } = { quick: 400, full: 10_000, long: 100_000 };
const RUNS = Number(
  process.env['KEYWARD_FUZZ_RUNS'] ?? LEVELS[process.env['KEYWARD_TEST_LEVEL'] ?? 'quick'] ?? LEVELS['quick'],
);

const path = join(import.meta.dirname, '../../vectors/native.json');
const { files, wrapping } = JSON.parse(readFileSync(path, 'utf8')) as Vectors;
const { keyId, versionId } = wrapping;
const material = Buffer.from(wrapping.material, 'hex');
const exported = {
  format: 'keyward key material',
  formatVersion: 1,
  keyId,
  versionId,
  material: material.toString('base64'),
};

const why = whyNoPython();
const readers = [
  appReader({ keyId, versionId, material }),
  await toolReader([exported]),
  ...(why === undefined ? [pythonReader([exported])] : []),
];
afterAll(() => Promise.all(readers.map((reader) => reader.end?.())));

const shown = ({ code, sha256 }: Answer) => code ?? `plaintext ${sha256 ?? ''}`;

describe(`${RUNS} mutants of native files, seed ${SEED}`, () => {
  it('have one answer from every reader', async () => {
    const bases = files.map(partsOf);
    const below = numbers(SEED);
    const seen = new Map<string, number>();
    for (let run = 0; run < RUNS; run++) {
      const base = bases[below(bases.length)];
      if (base === undefined) throw new Error('there are no vectors');
      const file = nativeMutant(base, below);
      const answers = await Promise.all(readers.map((reader) => reader.read(file)));
      const said = answers.map(shown);
      if (new Set(said).size > 1) {
        // What differs is kept, to be looked at.
        const kept = join(tmpdir(), `keyward-mutant-${SEED}-${run}`);
        writeFileSync(kept, file);
        expect.unreachable(
          `run ${run}: ${readers.map(({ name }, i) => `${name}: ${said[i]}`).join('; ')} (${kept})`,
        );
      }
      const code = answers[0]?.code ?? 'opened';
      seen.set(code, (seen.get(code) ?? 0) + 1);
    }
    // Mutants that all fail at the first check would prove nothing.
    for (const code of [
      'opened',
      'FileDamaged',
      'FileTruncated',
      'NewerFormat',
      'WrongKey',
      'UnsupportedSlot',
      'NotKeywardFile',
    ]) {
      expect(seen.get(code) ?? 0, code).toBeGreaterThanOrEqual(Math.floor(RUNS / 1_000));
    }
  });

  it('were read by three readers', ({ skip }) => {
    if (why !== undefined) skip(why);
    expect(readers).toHaveLength(3);
  });
});
