import { mkdirSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { Cdp } from './cdp.ts';
import { findBrowser, prepareBrowser, startBrowser } from './chromium.ts';

/** The running browser: one for the life of the process, as Chromium is in Electron. */
export type Engine = { readonly cdp: Cdp };

const gate = Promise.withResolvers<Engine>();
gate.promise.catch(() => undefined);

/** Resolves when Chromium is up. */
export const engine: Promise<Engine> = gate.promise;

/** Starts Chromium with its profile in `folder`; it ends with this process. */
export async function startEngine(folder: string): Promise<Engine> {
  try {
    const browser = findBrowser();
    await prepareBrowser(browser);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const child = startBrowser(browser, folder);
    process.on('exit', () => child.kill('SIGKILL'));
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      said = (said + chunk).slice(-20_000);
    });
    const failed = new Promise<never>((_, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`Chromium ended with ${code}: ${said}`)));
    });
    const cdp = new Cdp(child.stdio[3] as Writable, child.stdio[4] as Readable);
    await Promise.race([
      failed,
      cdp.send('Target.setDiscoverTargets', { discover: true }).catch(() => failed),
    ]);
    failed.catch(() => process.exit(1));
    const started = { cdp };
    gate.resolve(started);
    return started;
  } catch (error) {
    gate.reject(error);
    throw error;
  }
}
