import { spawn } from 'node:child_process';
import { type ConnectOverCDPTransport, chromium, type Page } from 'playwright-core';
import type { Launched, LaunchOptions } from './driver.ts';
import { inTurn } from './turns.ts';

type Message = { up?: true; cdp?: object; id?: number; value?: unknown; error?: string };

/** Runs the built main in Node over the host, and reaches its pages by DevTools messages through the same process. */
export async function launchHost({ main, env, args = [] }: LaunchOptions): Promise<Launched> {
  const register = new URL('register.ts', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', register, main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const calls = new Map<number, { resolve: (value: never) => void; reject: (reason: Error) => void }>();
  const up = Promise.withResolvers<void>();
  const transport: ConnectOverCDPTransport = {
    send: (message) => child.connected && child.send({ cdp: message }),
    close: () => transport.onclose?.(),
  };
  const receive = inTurn((cdp: object) => transport.onmessage?.(cdp));
  let next = 1;
  child.on('message', ({ up: isUp, cdp, id, value, error }: Message) => {
    if (isUp) return up.resolve();
    if (cdp !== undefined) return receive(cdp);
    const call = calls.get(id ?? 0);
    calls.delete(id ?? 0);
    if (error === undefined) call?.resolve(value as never);
    else call?.reject(new Error(error));
  });
  void ended.then((code) => {
    const why = new Error(`The app ended with ${code}:\n${output}`);
    up.reject(why);
    for (const { reject } of calls.values()) reject(why);
    calls.clear();
  });
  await up.promise;
  const browser = await chromium.connectOverCDP(transport, { noDefaults: true, isLocal: true });
  void ended.then(() => transport.onclose?.());
  return {
    kind: 'host',
    onPage(listener) {
      const heard = (page: Page) => listener(page);
      for (const context of browser.contexts()) {
        context.on('page', heard);
        for (const page of context.pages()) heard(page);
      }
    },
    evaluate: (act, argument) =>
      new Promise((resolve, reject) => {
        const id = next++;
        calls.set(id, { resolve, reject });
        child.send({ id, act: String(act), argument: argument ?? null });
      }),
    output: () => output,
    ended,
    kill: () => child.kill('SIGKILL'),
  };
}
