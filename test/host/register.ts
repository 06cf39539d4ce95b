import { registerHooks } from 'node:module';
import { app } from './app.ts';
import type { Message } from './cdp.ts';

/*
 * Loaded before the built main (`node --import`): gives it the host under the name `electron`, and opens the
 * channel over which a test calls functions in this process.
 */

const host = new URL('electron.ts', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    return specifier === 'electron'
      ? { url: host, format: 'module-typescript', shortCircuit: true }
      : next(specifier, context);
  },
});
Object.defineProperty(process, 'type', { value: 'browser' });

/** What a test sends: a message for Chromium, or a function's text to call with the module and an argument. */
type Sent =
  | { readonly cdp: Message }
  | { readonly id: number; readonly act: string; readonly argument: unknown };

if (process.send !== undefined) {
  const post = (message: object) => {
    if (process.connected) process.send?.(message);
  };
  let toBrowser: (message: Message) => void = () => undefined;
  app.started = async ({ cdp }) => {
    toBrowser = await cdp.tunnel((message) => post({ cdp: message }));
    post({ up: true });
  };
  process.on('message', async (sent: Sent) => {
    if ('cdp' in sent) {
      toBrowser(sent.cdp);
      return;
    }
    const { id, act, argument } = sent;
    try {
      // biome-ignore lint/security/noGlobalEval: the text of a test's own function
      const run = globalThis.eval(`(${act})`) as (electron: object, argument: unknown) => unknown;
      post({ id, value: await run(await import(host), argument) });
    } catch (error) {
      post({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.on('disconnect', () => process.exit(1));
}
process.on('SIGTERM', () => app.quit());
