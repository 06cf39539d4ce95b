import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { CountsReporter } from './test/support/reporter.ts';

// Which folders belong to which level; see scripts/run-tests.mjs.
const quick = ['test/unit', 'test/contract', 'test/integration', 'test/window'].map(
  (folder) => `${folder}/**/*.test.ts`,
);
const full = [...quick, 'test/real/**/*.test.ts', 'test/full/**/*.test.ts'];
const electron = ['test/window/**/*.test.ts'];
// A test that hangs is named before whoever waits gives up; at the long level some work that long.
const MOST = { quick: 30_000, electron: 900_000, full: 900_000, long: 3_600_000 };
const level = process.env['KEYWARD_TEST_LEVEL'] ?? 'full';

function included(): string[] {
  if (process.env['KEYWARD_TEST_ADDED'] === '1') return added();
  return level === 'quick' ? quick : level === 'electron' ? electron : full;
}

/** What the full level has beside `npm test`: other files, and those that take larger samples at it. */
function added(): string[] {
  const isOther = (path: string) => /\.full\.test\.ts$|^test[\\/](real|full)[\\/]/.test(path);
  const isLarger = (path: string) => readFileSync(path, 'utf8').includes('KEYWARD_TEST_LEVEL');
  return globSync(full).filter((path) => isOther(path) || isLarger(path));
}

export default defineConfig({
  test: {
    // What waits for real or goes through many pages is not for every change: test:full and CI have it.
    exclude: level === 'quick' ? ['**/node_modules/**', '**/*.full.test.ts'] : ['**/node_modules/**'],
    include: included(),
    setupFiles: ['test/support/messages.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: Object.entries(MOST).find(([name]) => name === level)?.[1] ?? MOST.full,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    reporters: ['default', new CountsReporter()],
  },
});
