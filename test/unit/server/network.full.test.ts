import { readFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { Endpoint } from '../../../src/main/server/endpoint.ts';
import { MAX_BODY_BYTES } from '../../../src/main/server/guard.ts';
import type { Limits } from '../../../src/main/server/limits.ts';
import { isKeywardError } from '../../../src/shared/errors.ts';
import { VAULT } from '../kms/support.ts';
import {
  call,
  connection,
  JSON_TYPE,
  type Served,
  send,
  serve,
  signed,
  untilClosed,
  wireText,
} from './support.ts';

const open: Served[] = [];

async function served(limits: Partial<Limits> = {}): Promise<Served> {
  const made = await serve(limits);
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const { endpoint } of open.splice(0)) await endpoint.stop();
});

/** Sends an honest request with these headers added or in place of its own. */
async function withHeaders(to: Served, headers: { readonly [name: string]: string }) {
  const request = signed(to, 'ListKeys', {});
  return send(to.port, { ...request, headers: { ...request.headers, ...headers } });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Whether something at this address takes connections. */
function takes(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: 2_000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}

/** The status that a new connection is answered with, or the error that it ends with. */
function outcome(port: number, text: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.write(text);
    socket.once('data', (chunk) => {
      socket.destroy();
      resolve(String(chunk).slice(9, 12));
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    socket.once('close', () => resolve('closed'));
  });
}

describe('the endpoint on the network', () => {
  it('listens on 127.0.0.1 alone', async () => {
    const { port } = await served();
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .map(({ address, scopeid }) => (scopeid === undefined || scopeid === 0 ? address : undefined))
      .filter((address) => address !== undefined && address !== '127.0.0.1');
    const answers = await Promise.all([...others, '::1', '127.0.0.2'].map((host) => takes(host ?? '', port)));
    expect(answers).toEqual(answers.map(() => false));
    expect(await takes('127.0.0.1', port)).toBe(true);
    if (process.platform !== 'linux') return;
    const hex = port.toString(16).toUpperCase().padStart(4, '0');
    const sockets = ['tcp', 'tcp6'].flatMap((name) => readFileSync(`/proc/net/${name}`, 'utf8').split('\n'));
    const listening = sockets.filter((line) => line.includes(`:${hex} `) && line.split(/\s+/)[4] === '0A');
    expect(listening.map((line) => line.split(/\s+/)[2])).toEqual([`0100007F:${hex}`]);
  });

  it('names a port that is taken', async () => {
    const { port, kms, clock } = await served();
    const failed: unknown = await Endpoint.listen({ kms, clock, vault: VAULT }, port).catch((error) => error);
    expect(isKeywardError(failed, 'PortInUse') && failed.message).toContain(`127.0.0.1:${port}`);
  });

  it('answers for its own host names only: no page reaches it under a name of its own', async () => {
    const to = await served();
    const { port } = to;
    const local = signed(to, 'ListKeys', {}, { signed: { host: `localhost:${port}` } });
    expect((await send(port, local)).status).toBe(200);
    for (const host of [
      'localhost',
      '127.0.0.1',
      `evil.example:${port}`,
      `127.0.0.1.evil.example:${port}`,
      `[::1]:${port}`,
      `0.0.0.0:${port}`,
      `localhost:${port + 1}`,
    ]) {
      const reply = await send(port, signed(to, 'ListKeys', {}, { signed: { host } }));
      expect(reply, host).toMatchObject({ status: 403, type: 'AccessDeniedException' });
    }
    const none = connection(port, 'POST / HTTP/1.1\r\n\r\n');
    expect((await untilClosed(none)).text).toMatch(/^HTTP\/1\.1 403 /);
    const two = signed(to, 'ListKeys', {});
    const lines = wireText(two).toString().replace('host:', `host: localhost:${port}\r\nhost:`);
    expect((await untilClosed(connection(port, lines))).text).toMatch(
      /^HTTP\/1\.1 400 .*ValidationException/s,
    );
  });

  it('serves no browser', async () => {
    const to = await served();
    for (const header of ['origin', 'sec-fetch-site', 'sec-fetch-mode', 'Sec-Fetch-Anything']) {
      const reply = await withHeaders(to, { [header]: 'null' });
      expect(reply, header).toMatchObject({ status: 403, type: 'AccessDeniedException' });
      expect(reply.message, header).toContain(header);
      expect(reply.headers['access-control-allow-origin']).toBeUndefined();
    }
    const preflight = await send(to.port, signed(to, 'ListKeys', {}), { method: 'OPTIONS' });
    expect(preflight.status).toBe(405);
    for (const type of [
      'text/plain',
      'application/json',
      'application/x-amz-json-1.0',
      `${JSON_TYPE}; x=y`,
      '',
    ]) {
      expect((await withHeaders(to, { 'content-type': type })).status, type).toBe(415);
    }
    expect((await withHeaders(to, { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  it('takes POST at / and nothing else', async () => {
    const to = await served();
    const request = signed(to, 'ListKeys', {});
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
      const reply = await send(to.port, request, { method });
      expect(reply.status, method).toBe(405);
      expect(reply.headers['allow']).toBe('POST');
    }
    for (const path of ['/keys', '//', '/?', '/?a=b', '/%2e', `http://127.0.0.1:${to.port}/`]) {
      const reply = await send(to.port, request, { path });
      expect(reply, path).toMatchObject({ status: 404, type: 'UnknownOperationException' });
    }
    expect((await send(to.port, request)).status).toBe(200);
  });

  it('takes bodies up to a size, said or not', async () => {
    const to = await served();
    const filled = (length: number) => `{"a":"${'x'.repeat(length - 8)}"}`;
    const honest = await call(to, 'ListKeys', {}, { body: filled(MAX_BODY_BYTES) });
    expect(honest.status).toBe(200);
    const { headers } = signed(to, 'ListKeys', {});
    const said = {
      headers: { ...headers, 'content-length': String(MAX_BODY_BYTES + 1) },
      body: Buffer.alloc(0),
    };
    // Refused by its length alone: nothing of the body was sent.
    expect((await untilClosed(connection(to.port, wireText(said)))).text).toMatch(/^HTTP\/1\.1 413 /);
    const { 'content-length': _, ...rest } = headers;
    const chunked = connection(
      to.port,
      wireText({ headers: { ...rest, 'transfer-encoding': 'chunked' }, body: Buffer.alloc(0) }),
    );
    const piece = Buffer.from(`8000\r\n${'x'.repeat(0x8000)}\r\n`);
    for (let sent = 0; sent <= MAX_BODY_BYTES; sent += 0x8000) chunked.write(piece);
    expect((await untilClosed(chunked)).text).toMatch(/^HTTP\/1\.1 413 .*SerializationException/s);
    const both = wireText({
      headers: { ...headers, 'transfer-encoding': 'chunked' },
      body: Buffer.from('0\r\n\r\n'),
    });
    expect((await untilClosed(connection(to.port, both))).text).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('reads no body of somebody unknown', async () => {
    const to = await served();
    const { headers } = signed(to, 'ListKeys', {}, { key: { accessKeyId: 'KWIA', secretAccessKey: '' } });
    const waiting = wireText({ headers: { ...headers, 'content-length': '1000' }, body: Buffer.alloc(0) });
    expect((await untilClosed(connection(to.port, waiting))).text).toMatch(/UnrecognizedClientException/);
  });

  it('waits for nobody long: each wait has its own end', async () => {
    const long = { headers: 20_000, request: 20_000, idle: 20_000, silence: 20_000 };
    const ends = async (limits: Partial<Limits>, write: (to: Served) => Socket) => {
      const to = await served({ ...long, ...limits });
      const { text, milliseconds } = await untilClosed(write(to));
      expect(milliseconds).toBeLessThan(10_000);
      expect((await call(to, 'ListKeys')).status).toBe(200);
      return /^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 'nothing';
    };
    const head = ({ port }: Served) => {
      const socket = connection(port, `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nx: `);
      const drip = setInterval(() => socket.write('x'), 50);
      socket.once('close', () => clearInterval(drip));
      return socket;
    };
    const body = (to: Served, drips: boolean) => {
      const { headers } = signed(to, 'ListKeys', {});
      const text = wireText({ headers: { ...headers, 'content-length': '10000' }, body: Buffer.from('{') });
      const socket = connection(to.port, text);
      const drip = setInterval(() => drips && socket.write(' '), 50);
      socket.once('close', () => clearInterval(drip));
      return socket;
    };
    const limit = 300;
    expect(await ends({ headers: limit }, ({ port }) => connection(port, ''))).toBe('408');
    expect(await ends({ headers: limit }, head)).toBe('408');
    expect(await ends({ headers: limit, request: 600 }, (to) => body(to, true))).toBe('408');
    const honest = (to: Served) => connection(to.port, wireText(signed(to, 'ListKeys', {})));
    expect(await ends({ idle: limit }, honest)).toBe('200');
    // What says nothing at all is hung up on before the checks above look at it.
    expect(await ends({ silence: limit }, (to) => body(to, false))).toBe('nothing');
  });

  it('has room for so many requests', async () => {
    const busy = await served({ requests: 1 });
    const { headers } = signed(busy, 'ListKeys', {});
    const waiting = connection(
      busy.port,
      wireText({ headers: { ...headers, 'content-length': '2' }, body: Buffer.from('{') }),
    );
    await expect.poll(async () => (await call(busy, 'ListKeys')).type).toBe('ThrottlingException');
    waiting.write('}');
    await new Promise((resolve) => waiting.once('data', resolve));
    waiting.destroy();
    await expect.poll(async () => (await call(busy, 'ListKeys')).status).toBe(200);
  });

  it('holds no room for those who went away', async () => {
    const to = await served({ requests: 2, headers: 200, request: 400 });
    const request = signed(to, 'CreateKey', { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
    const whole = wireText(request);
    const part = wireText({ ...request, body: request.body.subarray(0, 5) });
    const nonsense = Buffer.from(
      part
        .toString()
        .replace(/content-length: \d+/, 'transfer-encoding: chunked')
        .replace(/.{5}$/, 'no'),
    );
    for (const bytes of [part, whole, nonsense]) {
      for (const leave of ['destroy', 'resetAndDestroy', 'end'] as const) {
        const gone = [1, 2].map(() => connection(to.port, bytes));
        await Promise.all(gone.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
        await pause(20);
        const ends = gone.map(untilClosed);
        for (const socket of gone) socket[leave]();
        await Promise.all(ends);
        await expect.poll(async () => (await call(to, 'ListKeys')).status).toBe(200);
      }
    }
    // Too slow.
    await Promise.all([1, 2].map(() => untilClosed(connection(to.port, part))));
    expect((await call(to, 'ListKeys')).status).toBe(200);
  });

  it('sees every header, however many there are', async () => {
    const to = await served();
    const many = Array.from({ length: 2_500 }, (_, n) => `${n.toString(36)}:\r\n`).join('');
    const request = wireText(signed(to, 'ListKeys', {}))
      .toString()
      .replace('\r\n\r\n', `\r\n${many}origin: x\r\n\r\n`);
    expect((await untilClosed(connection(to.port, request))).text).toMatch(/^HTTP\/1\.1 403 /);
    const large = await withHeaders(to, { large: 'x'.repeat(20_000) }).catch(() => ({ status: 431 }));
    expect(large.status).toBe(431);
    const narrow = await served({ headerBytes: 2_000 });
    const wide = await withHeaders(narrow, { large: 'x'.repeat(3_000) }).catch(() => ({ status: 431 }));
    expect([wide.status, (await call(narrow, 'ListKeys')).status]).toEqual([431, 200]);
  });

  it('asks for the body where the client waits to be asked', async () => {
    const to = await served();
    const request = signed(to, 'ListKeys', {});
    const head = wireText({ headers: { ...request.headers, expect: '100-continue' }, body: Buffer.alloc(0) });
    const socket = connection(to.port, head);
    const first = await new Promise<string>((resolve) =>
      socket.once('data', (chunk) => resolve(String(chunk))),
    );
    expect(first).toMatch(/^HTTP\/1\.1 100 Continue/);
    socket.write(request.body);
    const second = await new Promise<string>((resolve) =>
      socket.once('data', (chunk) => resolve(String(chunk))),
    );
    expect(second).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
    const unasked = wireText({
      headers: { ...request.headers, expect: '100-continue', origin: 'x' },
      body: Buffer.alloc(0),
    });
    expect((await untilClosed(connection(to.port, unasked))).text).toMatch(/^HTTP\/1\.1 403 /);
    const other = wireText({ headers: { ...request.headers, expect: 'miracles' }, body: Buffer.alloc(0) });
    const answer = connection(to.port, other);
    const refused = await new Promise<string>((resolve) =>
      answer.once('data', (chunk) => resolve(String(chunk))),
    );
    expect(refused).toMatch(/^HTTP\/1\.1 417 /);
    answer.destroy();
  });
});

describe('the end of the endpoint', () => {
  it('finishes or refuses what is in flight, hangs nobody, and leaves nothing listening', async () => {
    const to = await served();
    const { KeyMetadata } = await to.kms.CreateKey(
      { principal: 'arn:aws:iam::000000000000:user/owner', client: 'window' },
      {},
    );
    const input = { KeyId: KeyMetadata.KeyId, Plaintext: 'aGVsbG8=' };
    const { headers } = signed(to, 'ListKeys', {});
    const body = Buffer.from('{');
    const waiting = connection(to.port, wireText({ headers: { ...headers, 'content-length': '2' }, body }));
    const [late, silent] = [untilClosed(waiting), untilClosed(connection(to.port, 'POST / HT'))];
    await call(to, 'ListKeys');
    const calls = Array.from({ length: 40 }, () => call(to, 'Encrypt', input));
    const settling = Promise.allSettled(calls);
    await calls[0];
    const began = performance.now();
    await to.endpoint.stop();
    expect(performance.now() - began).toBeLessThan(3_000);
    expect((await late).text).toMatch(/^HTTP\/1\.1 500 .*KeyUnavailableException/s);
    await silent;
    const settled = await settling;
    const answers = settled.map((one) => (one.status === 'fulfilled' ? one.value.type : 'cut off'));
    expect(answers.filter((type) => type === '').length).toBeGreaterThan(0);
    expect(answers.filter((type) => type !== '' && type !== 'KeyUnavailableException')).toEqual([]);
    expect(await takes('127.0.0.1', to.port)).toBe(false);
  });

  it('resets nobody: who comes is answered while it listens, and finds nothing there after', async () => {
    for (let round = 0; round < 3; round++) {
      const to = await served();
      const text = wireText(signed(to, 'ListKeys', {}));
      const seen: string[] = [];
      const clients = Array.from({ length: 32 }, async () => {
        for (let last = ''; last !== 'ECONNREFUSED' && last !== 'ECONNRESET'; seen.push(last)) {
          last = await outcome(to.port, text);
        }
      });
      await expect.poll(() => seen.length).toBeGreaterThan(64);
      await to.endpoint.stop();
      await Promise.all(clients);
      expect(new Set(seen)).toEqual(new Set(['200', '500', 'ECONNREFUSED']));
      // Each once at most: who was told does not come a second time while it still listens.
      expect(seen.filter((one) => one === '500').length).toBeLessThanOrEqual(32);
    }
  });

  it('answers at once who has not sent all, and who asks on a connection that idled', async () => {
    const to = await served({ drain: 20_000 });
    const { headers } = signed(to, 'ListKeys', {});
    const half = { headers: { ...headers, 'content-length': '2' }, body: Buffer.from('{') };
    const waiting = connection(to.port, wireText(half));
    const kept = connection(to.port, wireText(signed(to, 'ListKeys', {})));
    await new Promise((resolve) => kept.once('data', resolve));
    const ends = [waiting, kept].map(untilClosed);
    const began = performance.now();
    const stop = to.endpoint.stop();
    kept.write(wireText(signed(to, 'ListKeys', {})));
    for (const { text } of await Promise.all(ends)) {
      expect(text).toMatch(/^HTTP\/1\.1 500 .*Connection: close.*KeyUnavailableException/is);
    }
    await stop;
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('finishes what runs, and says meanwhile on open connections that it ends', async () => {
    const to = await served({ drain: 20_000 });
    const make = { KeySpec: 'RSA_4096', KeyUsage: 'SIGN_VERIFY' };
    const running = [1, 2].map(() => connection(to.port, wireText(signed(to, 'CreateKey', make))));
    const made = running.map(untilClosed);
    const kept = connection(to.port, wireText(signed(to, 'ListKeys', {})));
    await new Promise((resolve) => kept.once('data', resolve));
    const told = untilClosed(kept);
    const stop = to.endpoint.stop();
    await expect.poll(() => takes('127.0.0.1', to.port)).toBe(false);
    kept.write(wireText(signed(to, 'ListKeys', {})));
    expect((await told).text).toMatch(/^HTTP\/1\.1 500 .*Connection: close.*KeyUnavailableException/is);
    for (const { text } of await Promise.all(made)) {
      expect(text).toMatch(/^HTTP\/1\.1 200 .*Connection: close.*RSA_4096/is);
    }
    await stop;
  });

  it('waits a moment for what is on its way when nothing runs', async () => {
    for (let round = 0; round < 5; round++) {
      const to = await served();
      const text = wireText(signed(to, 'ListKeys', {}));
      const kept = connection(to.port, text);
      await new Promise((resolve) => kept.once('data', resolve));
      setTimeout(() => kept.write(text), 5);
      const [told] = await Promise.all([untilClosed(kept), to.endpoint.stop()]);
      expect(told.text).toMatch(/^HTTP\/1\.1 500 .*KeyUnavailableException/s);
    }
  });

  it('answers for what takes too long', async () => {
    const to = await served({ drain: 0 });
    const slow = call(to, 'CreateKey', { KeySpec: 'RSA_4096', KeyUsage: 'SIGN_VERIFY' });
    await call(to, 'ListKeys');
    const stop = to.endpoint.stop();
    expect(await slow).toMatchObject({ status: 500, type: 'KeyUnavailableException' });
    await stop;
    // What it comes to later is told to nobody.
    await expect.poll(() => to.audit.list({ eventName: 'CreateKey' }).length).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
  });
});
