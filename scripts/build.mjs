/**
 * Builds main, command, preload and page into out/. `npm ci` runs it through `prepare`.
 * Plain JavaScript, so that it can say what is missing on any Node.
 */
import './bundled-node.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tool = fileURLToPath(new URL('../node_modules/electron-vite/bin/electron-vite.js', import.meta.url));
if (!existsSync(tool)) {
  // Installed without development dependencies: nothing to build with, and nothing broken by that.
  console.error('Keyward was not built: the build tools are not installed (npm ci without --omit=dev).');
  process.exit(0);
}
const { status } = spawnSync(process.execPath, [tool, 'build', '--logLevel', 'warn'], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
});
process.exit(status ?? 1);
