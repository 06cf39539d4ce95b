import { registerHooks } from 'node:module';
import { app } from './app.ts';

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

/** A call of a test: the text of a function that takes the module and one argument. */
type Call = { readonly id: number; readonly act: string; readonly argument: unknown };

if (process.send !== undefined) {
  app.started = (address) => process.send?.({ address });
  process.on('message', async ({ id, act, argument }: Call) => {
    try {
      // biome-ignore lint/security/noGlobalEval: the text of a test's own function
      const run = globalThis.eval(`(${act})`) as (electron: object, argument: unknown) => unknown;
      process.send?.({ id, value: await run(await import(host), argument) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.on('disconnect', () => process.exit(1));
}
process.on('SIGTERM', () => app.quit());
