/**
 * `npm start`: the window where there is a display and an Electron binary (downloaded if it can be), else a
 * plain word on what is missing and what to do, and `keyward tour` in its place.
 */
import './bundled-node.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DOWNLOAD_MS = 180_000;
const root = fileURLToPath(new URL('..', import.meta.url));
const electronFolder = join(root, 'node_modules/electron');
const words = process.argv.slice(2);

const run = (file, args, options = {}) =>
  spawnSync(file, args, { cwd: root, stdio: 'inherit', ...options }).status ?? 1;

if (!existsSync(join(root, 'out/main/cli.js'))) {
  console.log('Building Keyward first …');
  const status = run(process.execPath, [join(root, 'scripts/build.mjs')]);
  if (status !== 0 || !existsSync(join(root, 'out/main/cli.js'))) {
    console.error('Keyward could not be built. Run `npm ci` and try again.');
    process.exit(1);
  }
}

/** Why no window can be shown here, or undefined. */
function noDisplay() {
  if (process.platform !== 'linux') return undefined;
  if (process.env.DISPLAY || process.env.WAYLAND_DISPLAY) return undefined;
  return 'no display (DISPLAY, WAYLAND_DISPLAY)';
}

/** The path of the Electron binary, if there is one. */
function electronBinary() {
  const pathFile = join(electronFolder, 'path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : 'electron';
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(electronFolder, 'dist');
  const path = join(folder, name);
  return existsSync(path) ? path : undefined;
}

/** Downloads the binary with Electron's own installer; its words are shown only where it fails. */
function downloadElectron() {
  if (process.env.ELECTRON_OVERRIDE_DIST_PATH || !existsSync(join(electronFolder, 'install.js'))) return;
  console.log('Downloading Electron, once …');
  spawnSync(process.execPath, [join(electronFolder, 'install.js')], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: DOWNLOAD_MS,
  });
}

const display = noDisplay();
let binary = electronBinary();
if (display === undefined && binary === undefined) {
  downloadElectron();
  binary = electronBinary();
}

if (display === undefined && binary !== undefined) {
  process.exit(run(binary, [root, ...words]));
}

if (display !== undefined) {
  console.log(`The window can't be shown here: ${display}.`);
  const download = binary === undefined ? ' (it will download Electron)' : '';
  console.log(`  To see it, run \`npm start\` in a desktop session${download}.`);
}
if (binary === undefined && display === undefined) {
  console.log("The window can't be shown here: no Electron binary, and no download either.");
  console.log('  Connect to the internet and run `npm start` again, or name a copy of');
  console.log('  Electron with ELECTRON_OVERRIDE_DIST_PATH.');
}
console.log('Here is what it does, in this terminal.\n');
const folder = mkdtempSync(join(tmpdir(), 'kw-'));
const toured = run(process.execPath, [join(root, 'out/main/cli.js'), 'tour', '--folder', folder, ...words]);
// The window can be pictured without a display; a tour that held is not undone by pictures that failed.
if (toured === 0 && existsSync(join(root, 'node_modules/playwright-core'))) {
  run(process.execPath, [join(root, 'scripts/tour-pictures.ts'), folder]);
}
process.exit(toured);
