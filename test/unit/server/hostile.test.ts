import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { connection, type Served, serve, signed, untilClosed, wireText } from './support.ts';

/* What no client of AWS's sends: requests written byte by byte. */

let served: Served;

beforeEach(async () => {
  served = await serve({ linger: 5_000 });
});
afterEach(async () => served.endpoint.stop());

const honest = () => wireText(signed(served, 'ListKeys', {})).toString();
const calls = () => served.audit.list({ limit: 1_000, eventName: 'ListKeys' }).length;

/** Whether something was answered, and with which status, until the connection ended or nothing more came. */
async function statuses(bytes: string | Buffer): Promise<string[]> {
  const socket = connection(served.port, bytes);
  // Half-closed: an answer still comes, and then the end.
  socket.end();
  const { text } = await untilClosed(socket);
  return [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status = '']) => status);
}

describe('an answer before the end of a request', () => {
  it('is there for who sends all of a far too large body first, and reads then', async () => {
    const { headers } = signed(served, 'Encrypt', {});
    const body = Buffer.alloc(16 * 1024 * 1024, 'x');
    const said = { ...headers, 'content-length': String(body.length) };
    const socket = connection(served.port, wireText({ headers: said, body: Buffer.alloc(0) }));
    const sent = await new Promise((resolve) => socket.write(body, resolve));
    expect(sent).toBeFalsy();
    expect((await untilClosed(socket)).text).toMatch(/^HTTP\/1\.1 413 .*SerializationException/s);
  });

  it('is the last: nothing that was sent behind it is done', async () => {
    const stranger = honest().replace('Credential=KWIA', 'Credential=XWIA');
    const page = honest().replace('\r\n\r\n', '\r\norigin: http://127.0.0.1\r\n\r\n');
    const before = calls();
    for (const first of [stranger, page]) {
      expect((await statuses(`${first}${honest()}${honest()}`)).length).toBe(1);
    }
    expect(calls()).toBe(before);
    expect(await statuses(`${honest()}${honest()}`)).toEqual(['200', '200']);
    expect(calls()).toBe(before + 2);
  });
});
