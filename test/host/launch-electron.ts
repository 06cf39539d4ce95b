import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { _electron } from 'playwright-core';
import type { Launched, LaunchOptions } from './driver.ts';

/**
 * Path of an Electron binary that is already here: in ELECTRON_OVERRIDE_DIST_PATH, or installed. The `electron`
 * package is never loaded, because loading it downloads a missing binary.
 */
export function electronBinary(): string | undefined {
  const package_ = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  const note = join(package_, 'path.txt');
  const plain = process.platform === 'win32' ? 'electron.exe' : 'electron';
  const name = existsSync(note)
    ? readFileSync(note, 'utf8')
    : process.platform === 'darwin'
      ? 'Electron.app/Contents/MacOS/Electron'
      : plain;
  const path = join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(package_, 'dist'), name);
  return existsSync(path) ? path : undefined;
}

/**
 * Runs the same main in a real Electron, through Playwright. A `main` that is no script is the program of an
 * unpacked build; Playwright reaches one only if its fuses leave `--inspect` on, as those of a release do not.
 */
export async function launchElectron({ main, env, args = [] }: LaunchOptions): Promise<Launched> {
  const packed = !/\.[cm]?js$/.test(main);
  const executablePath = packed ? main : electronBinary();
  if (executablePath === undefined) throw new Error('There is no Electron binary here');
  const environment = Object.entries({ ...process.env, ...env }).filter(([, value]) => value !== undefined);
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const running = await _electron.launch({
    executablePath,
    args: [...sandbox, ...(packed ? [] : [main]), ...args],
    env: Object.fromEntries(environment) as Record<string, string>,
  });
  const child = running.process();
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  return {
    kind: 'electron',
    onPage(listener) {
      running.on('window', listener);
      for (const page of running.windows()) listener(page);
    },
    evaluate: (act, argument) => running.evaluate(act as never, argument as never) as Promise<never>,
    output: () => output,
    ended: new Promise((resolve) => child.once('exit', resolve)),
    kill: () => child.kill('SIGKILL'),
  };
}
