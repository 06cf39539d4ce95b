/**
 * `npm run fuzz [RUNS]`: the tests with hostile files, far longer than in `npm test`: so many mutants of each
 * file (20,000 unless told), a tenth of that where each starts a process. Its seed is printed;
 * `KEYWARD_FUZZ_SEED=…` repeats it.
 */
import './bundled-node.mjs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const seed = process.env.KEYWARD_FUZZ_SEED ?? String(Math.floor(Math.random() * 2 ** 31));
const runs = process.argv[2] ?? '20000';
console.log(`seed ${seed}, ${runs} mutants of each file (repeat with KEYWARD_FUZZ_SEED=${seed})`);
const files = [
  'test/unit/envelope/mutations',
  'test/unit/envelope/aws-mutations',
  'test/unit/tools/agreement',
  'test/unit/readers/mutants',
  'test/unit/readers/aws-mutants',
];
const words = ['run', ...files, '--testTimeout=3600000'];
const { status } = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...words], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, KEYWARD_FUZZ_SEED: seed, KEYWARD_FUZZ_RUNS: runs },
});
process.exit(status ?? 1);
