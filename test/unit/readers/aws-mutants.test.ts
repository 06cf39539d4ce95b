import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { looksLikeAws } from '../../../src/main/envelope/aws/header.ts';
import { rawAesProvider } from '../../../src/main/envelope/aws/raw-aes.ts';
import { isKeywardError } from '../../../src/shared/errors.ts';
import type { Answer } from '../../readers/answer.ts';
import { AWS_KEYS, awsMutant, GIVEN_CONTEXT } from '../../readers/aws-mutants.ts';
import { toolReader } from '../../readers/tool.ts';
import { numbers } from '../../support/random.ts';
import { decryptAws } from '../envelope/aws-support.ts';
import { SEED } from '../envelope/mutants.ts';

const LEVELS: { readonly [level: string]: number } = { quick: 400, full: 10_000, long: 100_000 };
const RUNS = Number(
  process.env['KEYWARD_FUZZ_RUNS'] ?? LEVELS[process.env['KEYWARD_TEST_LEVEL'] ?? 'quick'] ?? LEVELS['quick'],
);

const openers = AWS_KEYS.map((key) => rawAesProvider(key));

async function app(bytes: Buffer, allowNonCommitting: boolean): Promise<Answer> {
  try {
    const { plaintext } = await decryptAws(bytes, openers, { context: GIVEN_CONTEXT, allowNonCommitting });
    return { code: null, sha256: createHash('sha256').update(plaintext).digest('hex') };
  } catch (error) {
    if (!isKeywardError(error)) throw error;
    return { code: error.code, sha256: null };
  }
}

const keys = AWS_KEYS.map(({ namespace, name, key }) => ({
  type: 'raw-aes',
  namespace,
  name,
  key: key.toString('base64'),
}));
const ring = (allowNonCommitting: boolean) => ({ keys, context: GIVEN_CONTEXT, allowNonCommitting });
const [strict, lenient] = [await toolReader([ring(false)]), await toolReader([ring(true)])];
const shown = ({ code, sha256 }: Answer) => code ?? `plaintext ${sha256 ?? ''}`;

describe(`${RUNS} mutants of AWS messages, seed ${SEED}`, () => {
  it('have one answer from the app and the standalone decryptor', async () => {
    const below = numbers(SEED);
    const seen = new Map<string, number>();
    for (let run = 0; run < RUNS; run++) {
      const file = awsMutant(below);
      const isAllowed = below(8) > 0;
      // What does not begin as a message is a native file, or none, to both.
      if (!looksLikeAws(file)) continue;
      const [ours, alone] = [await app(file, isAllowed), await (isAllowed ? lenient : strict).read(file)];
      if (shown(ours) !== shown(alone)) {
        const kept = join(tmpdir(), `keyward-aws-mutant-${SEED}-${run}`);
        writeFileSync(kept, file);
        expect.unreachable(
          `run ${run}: app: ${shown(ours)}; standalone decryptor: ${shown(alone)} (${kept})`,
        );
      }
      const code = ours.code ?? 'opened';
      seen.set(code, (seen.get(code) ?? 0) + 1);
    }
    for (const code of [
      'opened',
      'FileDamaged',
      'FileTruncated',
      'WrongKey',
      'UnsupportedSlot',
      'UnsupportedOperationException',
    ]) {
      expect(seen.get(code) ?? 0, code).toBeGreaterThanOrEqual(Math.floor(RUNS / 1_000));
    }
  });
});
