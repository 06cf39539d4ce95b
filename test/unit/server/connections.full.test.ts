import { createConnection, type Socket } from 'node:net';
import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import { afterEach, describe, expect, it } from 'vitest';
import type { Limits } from '../../../src/main/server/limits.ts';
import { call, type Served, serve, signed, wireText } from './support.ts';

const open: Served[] = [];
const sockets: Socket[] = [];

async function served(limits: Partial<Limits> = {}): Promise<Served> {
  const made = await serve({ grace: 100, ...limits });
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const { endpoint } of open.splice(0)) await endpoint.stop();
});

/** A connection that has sent `text`; what it gives, and how it ends: `end`, or the code of an error. */
type Line = { readonly socket: Socket; text: () => string; readonly ended: Promise<string> };

async function line(port: number, text: string | Buffer): Promise<Line> {
  const socket = createConnection({ host: '127.0.0.1', port });
  sockets.push(socket);
  let got = '';
  socket.on('data', (chunk: Buffer) => {
    got += chunk.toString();
  });
  const ended = new Promise<string>((resolve) => {
    socket.once('end', () => resolve('end'));
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) => resolve(code));
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  if (text.length > 0) socket.write(text);
  return { socket, text: () => got, ended };
}

const lines = (count: number, port: number, text: string | Buffer) =>
  Promise.all(Array.from({ length: count }, () => line(port, text)));

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A request of which the end is missing: its last header, or its body. */
function half(to: Served, what: 'headers' | 'body'): Buffer {
  const { headers } = signed(to, 'ListKeys', {});
  if (what === 'headers') return wireText({ headers, body: Buffer.alloc(0) }).subarray(0, -4);
  return wireText({ headers: { ...headers, 'content-length': '2' }, body: Buffer.from('{') });
}

const whole = (to: Served) => wireText(signed(to, 'ListKeys', {}));
const answers = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);

describe('more connections than there is room for', () => {
  it('ends those that idle, whether or not they ever asked, and resets none', async () => {
    for (const asked of [false, true]) {
      const to = await served({ connections: 3 });
      const held = await lines(5, to.port, asked ? whole(to) : '');
      if (asked) await expect.poll(() => held.every((one) => one.text().includes(' 200 '))).toBe(true);
      expect((await call(to, 'ListKeys')).status).toBe(200);
      expect(await Promise.race(held.map(({ ended }) => ended))).toBe('end');
      await to.endpoint.stop();
      expect(new Set(await Promise.all(held.map(({ ended }) => ended)))).toEqual(new Set(['end']));
    }
  });

  it('lets nobody out whom 300 that idle would keep out for a minute', async () => {
    const to = await served({ grace: 1_000 });
    const held = await lines(300, to.port, '');
    expect((await call(to, 'ListKeys')).status).toBe(200);
    expect(held.length).toBe(300);
  });

  it('tells those to ask again that do not send a request to its end', async () => {
    for (const what of ['headers', 'body'] as const) {
      const to = await served({ connections: 3, headers: 20_000, request: 20_000 });
      const held = await lines(3, to.port, half(to, what));
      await pause(20);
      expect((await call(to, 'ListKeys')).status, what).toBe(200);
      const told = held.filter(({ text }) => text() !== '');
      expect(told.length, what).toBeGreaterThan(0);
      for (const one of told) {
        expect(one.text()).toMatch(/^HTTP\/1\.1 400 .*Connection: close.*ThrottlingException/is);
        // Whoever goes on sending is not reset either.
        one.socket.write('}');
        expect(await one.ended).toBe('end');
      }
    }
  });

  it('lets the others wait while it works, and takes nothing from those it works for', async () => {
    const to = await served({ connections: 2, grace: 20 });
    const make = wireText(signed(to, 'CreateKey', { KeySpec: 'RSA_4096', KeyUsage: 'SIGN_VERIFY' }));
    const working = await lines(2, to.port, make);
    await pause(20);
    const waiting = await lines(20, to.port, whole(to));
    const all = () => [...working, ...waiting].map(({ text }) => answers(text()));
    await expect.poll(() => all().flat().length, { timeout: 20_000 }).toBe(22);
    expect(all()).toEqual(all().map(() => ['200']));
  });

  it('refuses, by an answer that clients retry upon, when too many wait or one waits too long', async () => {
    const many = await served({ connections: 1, waiting: 2, grace: 20_000 });
    await line(many.port, half(many, 'body'));
    await pause(20);
    await lines(2, many.port, whole(many));
    expect(await call(many, 'ListKeys')).toMatchObject({ status: 400, type: 'ThrottlingException' });
    const long = await served({ connections: 1, wait: 100, grace: 20_000 });
    await line(long.port, half(long, 'body'));
    await pause(20);
    expect(await call(long, 'ListKeys')).toMatchObject({ status: 400, type: 'ThrottlingException' });
  });

  it('loses no call of a client with 400 sockets, which asks once only', async () => {
    const to = await served({ grace: 1_000 });
    const kms = new KMSClient({
      endpoint: to.endpoint.url,
      region: 'local',
      credentials: to.key,
      maxAttempts: 1,
      requestHandler: { httpAgent: { maxSockets: 400, keepAlive: true } },
      systemClockOffset: to.clock.now() - Date.now(),
    });
    const calls = Array.from({ length: 1_000 }, () =>
      kms.send(new ListKeysCommand({})).then(
        () => 'answered',
        (error: Error & { code?: string }) => error.code ?? error.name,
      ),
    );
    const seen = await Promise.all(calls);
    kms.destroy();
    expect(seen.filter((one) => one !== 'answered')).toEqual([]);
  });
});

describe('the end of a connection', () => {
  it('comes after the time that its client was told, so that the two never meet', async () => {
    const to = await served({ idle: 1_500 });
    const kept = await line(to.port, whole(to));
    await expect.poll(() => kept.text()).toContain(' 200 ');
    expect(kept.text()).toContain('Keep-Alive: timeout=1\r\n');
    await pause(2_750);
    kept.socket.write(whole(to));
    await expect.poll(() => answers(kept.text())).toEqual(['200', '200']);
    expect(await kept.ended).toBe('end');
  });

  it('resets nobody who sent more than was taken', async () => {
    const to = await served({ requests: 8 });
    const request = whole(to);
    for (const more of [40, 2_000]) {
      const sender = await line(to.port, Buffer.concat(Array.from({ length: more }, () => request)));
      expect(await sender.ended, String(more)).toBe('end');
      const statuses = answers(sender.text());
      expect(statuses.at(-1)).toBe('400');
      expect(new Set(statuses.slice(0, -1))).toEqual(new Set(['200']));
      expect(sender.text()).toContain('ThrottlingException');
    }
  });
});
