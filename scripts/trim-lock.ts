/**
 * Keeps the lock file free of download addresses and of install scripts that
 * Keyward does not need; run it after every change of a dependency.
 *
 * - better-sqlite3 ships prebuilds and sets `gypfile: false`, which npm does
 *   not carry into the lock file: without it npm 10 wants python3 and make.
 * - Optional packages for other platforms that the registry at hand does not carry are named without a hash,
 *   so that npm 11 accepts the file; `npm install` against a full registry fills them in.
 * - electron-winstaller's script only serves Windows installers of another kind.
 *
 * `--check` changes nothing and exits 1 if there is something to trim.
 */
import { readFileSync, writeFileSync } from 'node:fs';

type Entry = {
  version?: string;
  resolved?: string;
  hasInstallScript?: true;
  gypfile?: false;
  dev?: true;
  optional?: true;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
};
const path = new URL('../package-lock.json', import.meta.url);
const before = readFileSync(path, 'utf8');
const lock = JSON.parse(before) as { packages: Record<string, Entry> };

for (const [name, entry] of Object.entries(lock.packages)) {
  delete entry.resolved;
  if (name !== 'node_modules/keytar') delete entry.hasInstallScript;
  if (name === 'node_modules/better-sqlite3') entry.gypfile = false;
}

for (const [name, entry] of Object.entries(lock.packages)) {
  for (const [wanted, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const places = [`${name}/node_modules/${wanted}`, `node_modules/${wanted}`];
    if (places.some((place) => place in lock.packages)) continue;
    lock.packages[`node_modules/${wanted}`] = {
      version,
      ...(entry.dev ? { dev: true as const } : {}),
      optional: true,
      ...platformOf(wanted),
    };
  }
}
const [root, ...rest] = Object.keys(lock.packages);
const sorted = [root ?? '', ...rest.sort((a, b) => a.localeCompare(b, 'en'))];
lock.packages = Object.fromEntries(sorted.map((name) => [name, lock.packages[name] as Entry]));

/** The platform that a package's name speaks of; npm skips the package everywhere else. */
function platformOf(name: string): Pick<Entry, 'os' | 'cpu' | 'libc'> {
  const words = name.split(/[-/]/);
  const has = (word: string) => words.includes(word);
  const os = ['android', 'darwin', 'freebsd', 'openharmony', 'win32', 'linux'].filter(has);
  const cpu = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 'riscv64', 's390x', 'loong64', 'wasm32'].filter(has);
  if (os.length + cpu.length === 0) throw new Error(`Which platform is ${name} for?`);
  const musl = has('musl') || has('musleabihf');
  return {
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(os[0] === 'linux' ? { libc: [musl ? 'musl' : 'glibc'] } : {}),
    ...(os.length > 0 ? { os } : {}),
  };
}

const after = `${JSON.stringify(lock, null, 2)}\n`;
if (process.argv.includes('--check')) {
  if (before !== after) {
    console.error('package-lock.json: run `npm run lock:trim`');
    process.exit(1);
  }
} else if (before !== after) writeFileSync(path, after);
