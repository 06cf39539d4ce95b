import { type ChildProcess, spawn } from 'node:child_process';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { brotliDecompressSync, createBrotliDecompress } from 'node:zlib';

/** A browser to show the page in, or a sentence that says why there is none. */
export type Browser =
  | {
      readonly path: string;
      readonly environment: Readonly<Record<string, string>>;
      readonly packed?: Packed;
    }
  | { readonly missing: string };

type Packed = { readonly bin: string; readonly folder: string };

const ROOT = resolve(import.meta.dirname, '../..');

/** Installed Chrome or Edge, by platform; the host uses it where the packed Chromium cannot run. */
const INSTALLED: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: [
    '/usr/bin/google-chrome',
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/microsoft-edge',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => {
    const base = process.env[name];
    if (base === undefined) return [];
    return [
      join(base, 'Google/Chrome/Application/chrome.exe'),
      join(base, 'Microsoft/Edge/Application/msedge.exe'),
    ];
  }),
};

/** Which browser this machine has: KEYWARD_CHROMIUM, the packed one (Linux x64), an installed Chrome or Edge. */
export function findBrowser(): Browser {
  const named = process.env['KEYWARD_CHROMIUM'];
  if (named !== undefined) {
    if (existsSync(named)) return { path: named, environment: {} };
    return { missing: `KEYWARD_CHROMIUM names ${named}, which is not there` };
  }
  if (process.platform === 'linux' && process.arch === 'x64') {
    const packed = packedBrowser();
    if (packed !== undefined) return packed;
  }
  const path = INSTALLED[process.platform]?.find((candidate) => existsSync(candidate));
  if (path !== undefined) return { path, environment: {} };
  return {
    missing:
      'no Chromium for this machine: the packed one is for Linux x64, and no Chrome or Edge is installed',
  };
}

function packedBrowser(): Browser | undefined {
  const require = createRequire(import.meta.url);
  let entry: string;
  try {
    entry = require.resolve('@sparticuz/chromium');
  } catch {
    return undefined;
  }
  const bin = resolve(dirname(entry), '../bin');
  const { version } = require('../../package.json') as { version: string };
  const folder = join(ROOT, 'node_modules/.cache', `keyward-chromium-${version}`);
  return {
    path: join(folder, 'chromium'),
    // The package brings the libraries that a bare Debian lacks, and a typeface.
    environment: {
      LD_LIBRARY_PATH: [join(folder, 'lib'), process.env['LD_LIBRARY_PATH'] ?? ''].filter(Boolean).join(':'),
      // In a locale without UTF-8 it drops files whose names are not ASCII.
      LC_ALL: 'C.UTF-8',
      ...(existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_PATH: join(folder, 'fonts') }),
    },
    packed: { bin, folder },
  };
}

/** Unpacks the packed browser once per version, all or nothing, whoever else does the same at the same time. */
export async function prepareBrowser(browser: Browser): Promise<void> {
  if ('missing' in browser || browser.packed === undefined || existsSync(browser.path)) return;
  const { bin, folder } = browser.packed;
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}-`);
  untar(brotliDecompressSync(readFileSync(join(bin, 'al2023.tar.br'))), draft);
  untar(brotliDecompressSync(readFileSync(join(bin, 'fonts.tar.br'))), join(draft, 'fonts'));
  await pipeline(
    createReadStream(join(bin, 'chromium.br')),
    createBrotliDecompress(),
    createWriteStream(join(draft, 'chromium'), { mode: 0o755 }),
  );
  const families = join(folder, 'fonts', 'fonts');
  writeFileSync(
    join(draft, 'fonts', 'fonts.conf'),
    `<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig><dir>${families}</dir>` +
      `<cachedir>${join(folder, 'fonts', 'cache')}</cachedir></fontconfig>\n`,
  );
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(browser.path)) throw error;
  }
}

/** Writes the plain files of a tar archive below `folder`; the package's archives hold nothing else. */
function untar(archive: Buffer, folder: string): void {
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const text = (from: number, length: number) =>
      archive.toString('latin1', at + from, at + from + length).replace(/\0.*$/, '');
    const size = Number.parseInt(text(124, 12), 8);
    const path = join(folder, text(0, 100));
    if (text(156, 1) !== '5') {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, archive.subarray(at + 512, at + 512 + size), { mode: 0o755 });
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

/**
 * Starts the browser without a window of its own. File descriptors 3 and 4 carry the DevTools protocol; no port
 * is opened, and the browser ends when they close.
 */
export function startBrowser(browser: Browser, profile: string): ChildProcess {
  if ('missing' in browser) throw new Error(browser.missing);
  const root = process.getuid?.() === 0;
  return spawn(
    browser.path,
    [
      '--headless',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
      // As root, or where the packed binary has no sandbox helper, Chromium refuses to start with a sandbox.
      ...(root || browser.packed !== undefined ? ['--no-sandbox', '--no-zygote'] : []),
      // window.open and target=_blank fail in the browser itself, as after Electron's `{ action: 'deny' }`.
      '--block-new-web-contents',
      '--host-resolver-rules=MAP * ~NOTFOUND',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-default-apps',
      '--disable-dev-shm-usage',
      '--disable-extensions',
      '--disable-gpu',
      '--disable-sync',
      '--font-render-hinting=none',
      '--force-color-profile=srgb',
      '--hide-scrollbars=false',
      '--mute-audio',
      '--no-default-browser-check',
      '--no-first-run',
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...browser.environment, TMPDIR: tmpdir() },
    },
  );
}
