/**
 * `npm run test:mutation -- AREA` (scripts/mutation-areas.ts): Stryker changes the area's code in one place at a
 * time and runs the area's tests on each. Every mutant is written to out/mutation-AREA.json.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { mutationArea } from './mutation-areas.ts';

const [name = ''] = process.argv.slice(2);
const { mutate } = mutationArea(name);
// Stryker parts its list at commas, also inside braces.
const files = mutate.flatMap((pattern) => {
  const [, before = pattern, names, after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(pattern) ?? [];
  return names === undefined ? [before] : names.split(',').map((one) => before + one + after);
});
const { status } = spawnSync(
  process.execPath,
  ['node_modules/@stryker-mutator/core/bin/stryker.js', 'run', '--mutate', files.join(',')],
  {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      // Stryker's command asks the PATH for `node`.
      PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
      KEYWARD_MUTATION_AREA: name,
      KEYWARD_TEST_LEVEL: 'quick',
      KEYWARD_TEST_SEED: '1',
      // Random tests ask less here: they run once for every mutant.
      KEYWARD_FUZZ_RUNS: '1500',
    },
  },
);
if (existsSync('out/mutation.json')) renameSync('out/mutation.json', `out/mutation-${name}.json`);
process.exitCode = status ?? 1;
