import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { relayStreams } from '../../../src/main/owner/byte-channel.ts';
import { OwnerClient } from '../../../src/main/owner/client.ts';
import { type OwnerOptions, OwnerServer } from '../../../src/main/owner/server.ts';
import { PROTOCOL } from '../../../src/main/owner/wire.ts';
import { KeywardError } from '../../../src/shared/errors.ts';
import { FakeSession } from './fake-session.ts';

let folder: string;
let address: string;
let session: FakeSession;
let server: OwnerServer | undefined;
let tokens = 0;
const clients: OwnerClient[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyward-owner-'));
  address = join(folder, 'owner.sock');
  session = new FakeSession();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function serve(options: Partial<OwnerOptions> = {}): Promise<OwnerServer> {
  server = await OwnerServer.listen(session, address, {
    kind: 'background',
    newToken: () => `token-${tokens++}`,
    lastResort: () => undefined,
    ...options,
  });
  return server;
}

async function connect(): Promise<OwnerClient> {
  const client = await OwnerClient.connect(address);
  if (client === undefined) throw new Error('nobody listens');
  clients.push(client);
  return client;
}

function collector(): { output: Writable; bytes: () => Buffer } {
  const chunks: Buffer[] = [];
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      setImmediate(done);
    },
  });
  return { output, bytes: () => Buffer.concat(chunks) };
}

const until = async (holds: () => boolean) => {
  for (let i = 0; i < 300 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(holds()).toBe(true);
};

/** What a raw socket gets back for what it sends. */
function raw(bytes: string | Buffer): Promise<{ socket: Socket; received: Promise<string> }> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(address, () => {
      let text = '';
      const received = new Promise<string>((end) => {
        socket.on('data', (chunk) => {
          text += chunk.toString();
        });
        socket.on('close', () => end(text));
      });
      socket.write(bytes);
      resolve({ socket, received });
    });
    socket.on('error', reject);
  });
}

describe('owner', () => {
  it('keeps an endpoint out of a command, which ends with its own work', async () => {
    const serving = { port: 0, unsigned: false };
    await serve({ kind: 'command' });
    const refused = await (await connect()).call('endpoint.serve', serving);
    expect(refused).toMatchObject({ ok: false, error: { code: 'OwnerBusy' } });
    expect(session.calls).toEqual([]);
    expect((await (await connect()).call('keys.list', {})).ok).toBe(true);
  });

  it('answers requests, errors as data, and tells which process it is', async () => {
    await serve();
    const client = await connect();
    expect(client.owner).toEqual({ keyward: 3, pid: process.pid, kind: 'background' });
    expect(await client.call('keys.list', {})).toEqual({ ok: true, value: { keys: [] } });
    expect(await client.call('keys.describe', { key: 'alias/x' })).toEqual({
      ok: false,
      error: { code: 'NotFoundException', message: 'No such thing.', details: { key: 'x' } },
    });
    expect(session.calls[1]?.input).toEqual({ key: 'alias/x' });
    expect(session.calls[1]?.caller.client).toBe('cli');
  });

  it('carries progress before the answer', async () => {
    await serve();
    const client = await connect();
    const seen: number[] = [];
    const answer = await client.call(
      'files.verify',
      { sources: ['/a'], each: false },
      { progress: ({ done }) => seen.push(done) },
    );
    expect(seen).toEqual([1]);
    expect(answer.ok).toBe(true);
  });

  it('hands results on in pages, in order and before the answer; a slow taker holds the job up (pitfall 69)', async () => {
    await serve();
    const client = await connect();
    let taken = 0;
    let goOn: () => void = () => undefined;
    const first = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const answer = client.call(
      'files.rewrap',
      { sources: ['/a'], each: true },
      {
        results: async (page) => {
          expect(page).toHaveLength(256);
          await first;
          taken += page.length;
        },
      },
    );
    await until(() => session.pages > 1);
    for (let still = -1; still !== session.pages; await new Promise((resolve) => setTimeout(resolve, 50))) {
      still = session.pages;
    }
    // What the socket and both ends hold at most; all of it would be five MiB.
    expect(session.pages).toBeLessThan(40);
    expect(taken).toBe(0);
    goOn();
    expect(await answer).toEqual({ ok: true, value: { results: [] } });
    expect([session.pages, taken]).toEqual([100, 25_600]);
  });

  it('puts results into the answer of whoever does not take them', async () => {
    await serve();
    const answer = await (await connect()).call('files.rewrap', { sources: ['/a'], each: true });
    expect(answer.ok && answer.value.results).toHaveLength(256);
  });

  it('refuses an answer that does not fit the contract', async () => {
    await serve();
    const client = await connect();
    const answer = await client.call('audit.list', { limit: 1 });
    expect(answer).toMatchObject({ ok: false, error: { code: 'OwnerUnreachable' } });
  });

  it('has a socket of its own, 0600, and clears a stale one away', async () => {
    const dead = createServer().listen(address);
    await new Promise((resolve) => dead.once('listening', resolve));
    dead.close();
    await writeFile(address, '');
    expect(await OwnerClient.connect(address)).toBeUndefined();
    await serve();
    expect((await stat(address)).mode & 0o777).toBe(0o600);
    expect((await (await connect()).call('keys.list', {})).ok).toBe(true);
  });

  it('finds nobody where nobody listens', async () => {
    expect(await OwnerClient.connect(address)).toBeUndefined();
    await writeFile(join(folder, 'file'), '');
    expect(await OwnerClient.connect(join(folder, 'file', 'run', 'owner.sock'))).toBeUndefined();
  });

  it('cancels a request by its signal, and only that one', async () => {
    session.endless = ['files.verify'];
    await serve();
    const client = await connect();
    const abort = new AbortController();
    const first = client.call('files.verify', { sources: ['/a'], each: false }, { signal: abort.signal });
    const second = client.call('files.verify', { sources: ['/b'], each: false });
    await until(() => session.calls.length === 2);
    abort.abort();
    expect(await first).toMatchObject({ ok: false, error: { code: 'Cancelled' } });
    expect(session.cancelled).toHaveLength(1);
    client.close();
    expect(await second).toMatchObject({ ok: false, error: { code: 'OwnerUnreachable' } });
    await until(() => session.cancelled.length === 2);
  });

  it('cuts off what is not the wire language, and serves on', async () => {
    await serve();
    const nonsense = await raw('GET / HTTP/1.1\r\n\r\n');
    expect(await nonsense.received).toContain('ValidationException');
    const long = await raw(Buffer.alloc(10_000, 0x61));
    expect(await long.received).toContain('MessageTooLarge');
    const later = await raw('{"keyward":3}\n{"type":"request","id":-1}\n');
    expect(await later.received).toContain('ValidationException');
    const unknown = await raw('{"keyward":3}\n{"type":"request","id":1,"method":"constructor","input":{}}\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
    unknown.socket.end();
    expect(await unknown.received).toContain('UnsupportedOperationException');
    expect((await (await connect()).call('keys.list', {})).ok).toBe(true);
  });

  it('says so to a client of another version', async () => {
    const other = createServer((socket) => socket.resume().write('{"keyward":99,"pid":7,"kind":"window"}\n'));
    await new Promise<void>((resolve) => other.listen(address, resolve));
    await expect(OwnerClient.connect(address)).rejects.toMatchObject({
      code: 'OwnerUnreachable',
      details: { pid: 7 },
    });
    await new Promise((resolve) => other.close(resolve));
  });
});

describe('owner: streams', () => {
  it('carries 20 MiB both ways with a slow reader, each direction ending on its own', async () => {
    await serve();
    const client = await connect();
    const piece = Buffer.alloc(1024 * 1024, 0x0f);
    async function* input(): AsyncGenerator<Buffer> {
      for (let i = 0; i < 20; i++) yield piece;
      yield Buffer.alloc(0);
      yield Buffer.from('end');
    }
    const { output, bytes } = collector();
    const answer = await client.call('files.encryptStream', {}, { streams: { input: input(), output } });
    expect(answer).toEqual({ ok: true, value: { bytes: 20 * 1024 * 1024 + 3 } });
    expect(bytes().length).toBe(20 * 1024 * 1024 + 3);
    expect(bytes()[12_345_678]).toBe(0xf0);
    expect(bytes().subarray(-3)).toEqual(Buffer.from('end').map((byte) => byte ^ 0xff));
  });

  it('carries an empty stream', async () => {
    await serve();
    const client = await connect();
    const { output, bytes } = collector();
    async function* input(): AsyncGenerator<Buffer> {}
    const answer = await client.call('files.encryptStream', {}, { streams: { input: input(), output } });
    expect(answer).toEqual({ ok: true, value: { bytes: 0 } });
    expect(bytes().length).toBe(0);
  });

  it('never takes a client that died for the end of its input', async () => {
    await serve();
    const client = await connect();
    async function* input(): AsyncGenerator<Buffer> {
      yield Buffer.from('begun');
      await new Promise(() => undefined);
    }
    const { output, bytes } = collector();
    const answer = client.call('files.encryptStream', {}, { streams: { input: input(), output } });
    await until(() => bytes().length === 5);
    client.close();
    expect((await answer).ok).toBe(false);
    await until(() => session.cancelled.includes('files.encryptStream'));
  });

  it('cancels when the output can no longer be written', async () => {
    await serve();
    const client = await connect();
    async function* input(): AsyncGenerator<Buffer> {
      for (;;) yield Buffer.alloc(65_536);
    }
    const output = new Writable({ write: (_chunk, _encoding, done) => done(new Error('closed')) });
    output.on('error', () => undefined);
    const answer = await client.call('files.encryptStream', {}, { streams: { input: input(), output } });
    expect(answer.ok).toBe(false);
    expect(session.cancelled).toEqual(['files.encryptStream']);
  });

  const ROUNDS = 30;
  const nothing = async function* (): AsyncGenerator<Buffer> {};
  const much = async function* (): AsyncGenerator<Buffer> {
    for (;;) yield Buffer.alloc(65_536);
  };
  it.each([
    ['nothing', nothing],
    ['bytes without an end', much],
  ])('loses nothing of a call that leaves its input unread: %s', async (_name, input) => {
    await serve();
    const client = await connect();
    for (let round = 0; round < ROUNDS; round++) {
      const { output, bytes } = collector();
      const range = { source: '/a', range: { first: 0 } };
      const answer = await client.call('files.decryptRange', range, { streams: { input: input(), output } });
      expect(answer, `round ${round}`).toEqual({ ok: true, value: { bytes: 91 } });
      expect(bytes().length).toBe(91);
    }
  });

  it('lets a slow client read all, whose end of the upload nobody has read', async () => {
    await serve();
    const request = { type: 'request', id: 1, method: 'files.decryptRange', input: {} };
    const control = await raw(`{"keyward":3}\n${JSON.stringify(request)}\n`);
    const token = await new Promise<string>((resolve) => {
      let text = '';
      control.socket.on('data', (chunk) => {
        text += chunk.toString();
        const [, found] = /"token":"([^"]+)"/.exec(text) ?? [];
        if (found !== undefined) resolve(found);
      });
    });
    const { socket } = await raw('');
    socket.pause();
    const over = new Promise((resolve, reject) => socket.on('end', resolve).on('error', reject));
    over.catch(() => undefined);
    const later = () => new Promise((resolve) => setTimeout(resolve, 100));
    socket.write(`{"keyward":3,"attach":"${token}"}\n`);
    await later();
    socket.write(Buffer.alloc(4));
    await later();
    const got: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => got.push(chunk));
    socket.resume();
    await over;
    expect(Buffer.concat(got).length).toBe(4 + 91 + 4);
    socket.destroy();
    control.socket.destroy();
  });

  it('writes all that a call wrote before it failed', async () => {
    await serve();
    const client = await connect();
    for (let round = 0; round < ROUNDS; round++) {
      const { output, bytes } = collector();
      const streams = { input: nothing(), output };
      const answer = await client.call('files.decryptStream', { buffered: false }, { streams });
      expect(answer, `round ${round}`).toMatchObject({ ok: false, error: { code: 'FileDamaged' } });
      expect(bytes().length).toBe(3 * 1024 * 1024);
    }
  });

  it('tells why its input broke off', async () => {
    await serve();
    const client = await connect();
    async function* input(): AsyncGenerator<Buffer> {
      yield Buffer.from('begun');
      throw new KeywardError('SourceIsFolder', 'Standard input is a folder.');
    }
    const { output } = collector();
    const answer = await client.call('files.encryptStream', {}, { streams: { input: input(), output } });
    expect(answer).toMatchObject({ ok: false, error: { code: 'SourceIsFolder' } });
  });

  it.each([true, false])(
    'ends the stream of an input that broke off, unless cancelled: %s',
    async (cancelled) => {
      const ended: string[] = [];
      const owner = createServer((socket) => socket.resume().on('close', () => ended.push('stream')));
      await new Promise<void>((resolve) => owner.listen(address, resolve));
      const abort = new AbortController();
      if (cancelled) abort.abort();
      async function* input(): AsyncGenerator<Buffer> {
        yield Buffer.from('begun');
        throw new Error('destroyed');
      }
      const { output } = collector();
      const carrying = relayStreams(address, 'token', { input: input(), output }, abort.signal);
      if (!cancelled) await until(() => ended.length === 1);
      else {
        await new Promise((resolve) => setTimeout(resolve, 100));
        expect(ended).toEqual([]);
      }
      await carrying.finish({ ok: false, error: new KeywardError('Cancelled', 'Cancelled.').toBody() });
      await until(() => ended.length === 1);
      await new Promise((resolve) => owner.close(resolve));
    },
  );

  it('gives a token one use', async () => {
    await serve();
    const stranger = await raw('{"keyward":3,"attach":"token-0"}\n');
    expect(await stranger.received).toBe('');
  });
});

describe('owner: ends', () => {
  it('locks whatever runs, within a second, and says goodbye', async () => {
    session.endless = ['files.verify'];
    const owner = await serve();
    const worker = await connect();
    const running = worker.call('files.verify', { sources: ['/a'], each: false });
    await until(() => session.calls.length === 1);
    const locker = await connect();
    const began = performance.now();
    expect(await locker.call('vault.lock', {})).toEqual({ ok: true, value: { locked: true } });
    expect(await running).toMatchObject({ ok: false, error: { code: 'Cancelled' } });
    expect(await owner.ended).toBe('locked');
    await locker.gone;
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(await OwnerClient.connect(address)).toBeUndefined();
  });

  it('calls the last resort when a lock hangs', async () => {
    session.lockHangs = true;
    let called = 0;
    await serve({ lastResort: () => called++ });
    const client = await connect();
    client.call('vault.lock', {});
    await until(() => called === 1);
  });

  it('drains: serves what was begun, refuses what is new, then ends', async () => {
    session.endless = ['files.verify'];
    const owner = await serve({ kind: 'command' });
    const client = await connect();
    const abort = new AbortController();
    const running = client.call('files.verify', { sources: ['/a'], each: false }, { signal: abort.signal });
    await until(() => session.calls.length === 1);
    let drained = false;
    const drain = owner.drain().then(() => {
      drained = true;
    });
    expect(await client.call('keys.list', {})).toMatchObject({ ok: false, error: { code: 'OwnerBusy' } });
    expect(await (await connect()).call('vault.status', {})).toMatchObject({
      error: { code: 'NotFoundException' },
    });
    expect(drained).toBe(false);
    abort.abort();
    await running;
    await drain;
  });

  it('tells a request that came too late that it was not begun', async () => {
    const owner = await serve({ kind: 'command' });
    const client = await connect();
    const [answer] = await Promise.all([client.gone.then(() => client.call('keys.list', {})), owner.close()]);
    expect(answer).toMatchObject({ ok: false, error: { code: 'OwnerBusy' } });
  });

  it('tells a request that could not be sent any more that it was not begun, whatever else was cut off', async () => {
    session.lockHangs = true;
    const owner = await serve();
    const client = await connect();
    const under = client.call('vault.lock', {});
    await until(() => session.calls.length === 1);
    await owner.close();
    expect(await under).toMatchObject({ ok: false, error: { code: 'OwnerUnreachable' } });
    expect(await client.call('keys.list', {})).toMatchObject({ ok: false, error: { code: 'OwnerBusy' } });
  });

  it('greets nobody once it is ending, so that they look for another', async () => {
    session.lockHangs = true;
    const owner = await serve();
    // Keeps the owner from being done at once.
    void (await connect()).call('vault.lock', {});
    const early = await raw('');
    await until(() => session.calls.length === 1);
    const ended = owner.close();
    early.socket.write(`${JSON.stringify({ keyward: PROTOCOL })}\n`);
    expect(await early.received).toBe('');
    await ended;
  });

  it('locks when idle, by the clock, and not while a request is under way', async () => {
    let now = 0;
    session.idleMinutes = 0.001;
    session.endless = ['files.verify'];
    const owner = await serve({ clock: { now: () => now } });
    let ended: string | undefined;
    owner.ended.then((why) => {
      ended = why;
    });
    const client = await connect();
    const abort = new AbortController();
    const running = client.call('files.verify', { sources: ['/a'], each: false }, { signal: abort.signal });
    await until(() => session.calls.length === 1);
    now = 1_000_000;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(ended).toBeUndefined();
    abort.abort();
    await running;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(ended).toBeUndefined();
    now += 61;
    await until(() => ended === 'idle');
  });

  it('ends at once, for two lockers too', async () => {
    const owner = await serve();
    const [a, b] = await Promise.all([connect(), connect()]);
    const answers = await Promise.all([a.call('vault.lock', {}), b.call('vault.lock', {})]);
    expect(answers.map((answer) => answer.ok)).toEqual([true, true]);
    expect(await owner.ended).toBe('locked');
  });
});
