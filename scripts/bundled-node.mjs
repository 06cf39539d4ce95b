/**
 * Sees to it that a script runs on a Node that is new enough. npm brings one along as a package for Linux and
 * Windows and links it into node_modules/.bin, which comes first on the PATH of npm's scripts; npm 10 loses
 * that link when the package exists for several platforms. So: make the link again, and go on with that Node.
 *
 * Import it first; it starts the script anew where it must, or says what is missing and exits 1.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = fileURLToPath(new URL('../node_modules', import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const bundled = join(modules, `node-${system}-${process.arch}`, 'bin', name);
  if (!existsSync(bundled)) {
    console.error(
      `Keyward needs Node 22.18 or newer; this is ${process.version}. On Linux and Windows \`npm ci\` brings one ` +
        'along (do not use --omit=optional); on macOS install a newer Node and run `npm ci` again.',
    );
    process.exit(1);
  }
  const link = join(modules, '.bin', 'node');
  if (process.platform !== 'win32' && !existsSync(link)) {
    try {
      symlinkSync(bundled, link);
    } catch {
      // A read-only tree: this script goes on all the same.
    }
  }
  const { status } = spawnSync(bundled, process.argv.slice(1), { stdio: 'inherit' });
  process.exit(status ?? 1);
}
