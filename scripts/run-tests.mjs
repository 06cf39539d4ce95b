/**
 * Runs the tests: `quick` (npm test), `full` (adds the samples of the big matrices and the tests that need
 * real parts), `long` (all of the matrices) or `electron` (the window's tests on a real Electron). Further words are handed to vitest. The last line is
 * `N passed, N failed, N skipped`.
 */
import './bundled-node.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [level = 'quick', ...words] = process.argv.slice(2);
const seed = process.env.KEYWARD_TEST_SEED ?? String(Math.floor(Math.random() * 2 ** 31));

const run = (script, args, env = {}) =>
  spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  }).status ?? 1;

if (!existsSync(join(root, 'node_modules/vitest/vitest.mjs'))) {
  console.error('The test tools are not installed: run npm ci first.');
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(1);
}
// The tests use the built command: build it anew, so that they never test yesterday's.
if (run('scripts/build.mjs', []) !== 0) {
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'keyward-tests-'));
const counts = join(folder, 'counts.json');
console.log(`level ${level}, seed ${seed} (repeat with KEYWARD_TEST_SEED=${seed})`);
const status = run('node_modules/vitest/vitest.mjs', ['run', ...words], {
  KEYWARD_TEST_LEVEL: level,
  KEYWARD_TEST_SEED: seed,
  KEYWARD_TEST_COUNTS: counts,
  ...(level === 'electron' ? { KEYWARD_LAUNCHER: 'electron' } : {}),
});
const result = existsSync(counts) ? JSON.parse(readFileSync(counts, 'utf8')) : undefined;
rmSync(folder, { recursive: true, force: true });
if (result === undefined) {
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(1);
}
const failed = status !== 0 && result.failed === 0 ? 1 : result.failed;
console.log(`${result.passed} passed, ${failed} failed, ${result.skipped} skipped`);
// Without an Electron binary all of its tests are skipped, aloud; anywhere else that would be a mistake.
const ran = result.passed > 0 || (level === 'electron' && result.skipped > 0);
process.exit(failed === 0 && ran ? 0 : 1);
