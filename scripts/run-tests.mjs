/**
 * Runs the tests: `quick` (npm test), `full` (adds the samples of the big matrices and the tests that need
 * real parts), `added` (only what full adds to quick), `long` (all of the matrices) or `electron` (the window's tests on a real Electron). Further words are handed to vitest. The last line is
 * `N passed, N failed, N skipped`.
 */
import './bundled-node.mjs';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [asked = 'quick', ...words] = process.argv.slice(2);
const level = asked === 'added' ? 'full' : asked;
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
// Vite reads module paths as addresses: what stands behind # or ? is lost, and % begins an escape. So the tests of a
// checkout whose path has one of these run in a copy elsewhere.
if (/[#?%]/.test(root)) process.exit(runInCopy());
// The tests use the built command: build it anew, so that they never test yesterday's.
if (run('scripts/build.mjs', []) !== 0) {
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'keyward-tests-'));
const counts = join(folder, 'counts.json');
console.log(`level ${asked}, seed ${seed} (repeat with KEYWARD_TEST_SEED=${seed})`);
const status = run('node_modules/vitest/vitest.mjs', ['run', ...words], {
  KEYWARD_TEST_LEVEL: level,
  KEYWARD_TEST_SEED: seed,
  KEYWARD_TEST_COUNTS: counts,
  // Said either way: a test that runs tests hands its own environment on.
  KEYWARD_TEST_ADDED: asked === 'added' ? '1' : '',
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

/** Copies the checkout into a temporary folder and runs its tests there; gives the exit code. */
function runInCopy() {
  const copy = mkdtempSync(join(tmpdir(), 'keyward-checkout-'));
  console.log(`The path of this checkout has a character that vite can't read, so its tests run in ${copy}`);
  try {
    for (const name of readdirSync(root)) {
      if (name === '.git' || name === 'node_modules') continue;
      cpSync(join(root, name), join(copy, name), { recursive: true, verbatimSymlinks: true });
    }
    // Links instead of copies, where both are on one disk.
    const modules = [join(root, 'node_modules'), join(copy, 'node_modules')];
    if (spawnSync('cp', ['-a', '-l', ...modules], { stdio: 'ignore' }).status !== 0) {
      rmSync(modules[1], { recursive: true, force: true });
      cpSync(...modules, { recursive: true, verbatimSymlinks: true });
    }
    const args = [join(copy, 'scripts/run-tests.mjs'), asked, ...words];
    return (
      spawnSync(process.execPath, args, { cwd: copy, stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1
    );
  } catch (error) {
    console.error(
      `That failed: ${error.message}. Move the checkout to a path without # ? and %, and try again.`,
    );
    console.log('0 passed, 1 failed, 0 skipped');
    return 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
