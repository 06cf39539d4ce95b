import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusalOf } from '../../../src/main/server/guard.ts';
import { numbers } from '../../support/random.ts';
import { mutant, RUNS, SEED } from '../envelope/mutants.ts';
import { newKey } from '../kms/support.ts';
import { call, connection, JSON_TYPE, type Served, serve, signed, untilClosed, wireText } from './support.ts';

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

describe('a request that can be read in two ways', () => {
  const added = (lines: string) => honest().replace('\r\n\r\n', `\r\n${lines}\r\n\r\n`);
  const length = /content-length: 2/;
  const chunked = (encoding: string, body = '2\r\n{}\r\n0\r\n\r\n') =>
    honest().replace(length, `transfer-encoding: ${encoding}`).replace(/\{\}$/, body);

  it('is refused, whoever signed it', async () => {
    const before = calls();
    const requests: { readonly [what: string]: () => string } = {
      'length and chunks': () => added('Transfer-Encoding: chunked'),
      'length and chunks, with a space': () => added('transfer-encoding : chunked'),
      'length and no chunks': () => added('transfer-encoding: identity'),
      'packed in the way': () => chunked('gzip, chunked'),
      'packed last': () => chunked('chunked, gzip'),
      'another encoding': () => chunked('xchunked'),
      'chunks twice': () => chunked('chunked\r\ntransfer-encoding: chunked'),
      'chunks of bare line feeds': () => chunked('chunked', '2\n{}\n0\n\n'),
      'a chunk of another size': () => chunked('chunked', '3\r\n{}\r\n0\r\n\r\n'),
      'two lengths': () => added('content-length: 3'),
      'one length twice': () => added('content-length: 2'),
      'a list of lengths': () => honest().replace(length, 'content-length: 2, 2'),
      'a signed length': () => honest().replace(length, 'content-length: +2'),
      'a negative length': () => honest().replace(length, 'content-length: -2'),
      'a length in hex': () => honest().replace(length, 'content-length: 0x2'),
      'an endless length': () => honest().replace(length, `content-length: ${'9'.repeat(30)}`),
      'no length': () => honest().replace(length, 'x: y'),
      'Authorization twice': () => added('Authorization: AWS4-HMAC-SHA256 x'),
      'X-Amz-Date twice': () => added('X-Amz-Date: 20200101T000000Z'),
      'X-Amz-Target twice': () => added('X-Amz-Target: TrentService.CreateKey'),
      'Host twice': () => added(`Host: localhost:${served.port}`),
      'Content-Type twice': () => added('Content-Type: text/plain'),
      'a hash twice': () =>
        added(['0', '1'].map((x) => `x-amz-content-sha256: ${x.repeat(64)}`).join('\r\n')),
      'a folded header': () => honest().replace('x-amz-target: ', 'x-amz-target:\r\n '),
      'a header that begins folded': () => honest().replace('\r\nhost:', '\r\n host:'),
      'bare line feeds': () => honest().replaceAll('\r\n', '\n'),
      'one bare line feed': () => honest().replace('\r\nx-amz-date', '\nx-amz-date'),
      'a bare carriage return': () => honest().replace('\r\nx-amz-date', '\rx-amz-date'),
      'a zero in a header': () => added('x: a\0b'),
      'a space in a name': () => added('x y: 1'),
      'a name with a carriage return': () => added('x\ry: 1'),
      'HTTP/2': () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'a version that is none': () => honest().replace('HTTP/1.1', 'HTTP/1.2'),
      'a method in small letters': () => honest().replace('POST', 'post'),
      'an absolute target': () => honest().replace('POST /', `POST http://127.0.0.1:${served.port}/`),
      'another host in the target': () => honest().replace('POST /', 'POST http://evil.example/'),
      'a fragment': () => honest().replace('POST /', 'POST /#x'),
      'the whole server': () => honest().replace('POST /', 'OPTIONS *'),
      'a greeting of TLS': () => '\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03',
    };
    for (const [what, request] of Object.entries(requests)) {
      const [status = 'nothing', ...more] = await statuses(Buffer.from(request(), 'latin1'));
      // Nothing: hung up on for what cannot be read.
      expect(status, what).toMatch(/^4\d\d$/);
      expect(more, what).toEqual([]);
    }
    expect(await statuses(`CONNECT 127.0.0.1:${served.port} HTTP/1.1\r\n\r\n`)).toEqual([]);
    expect(calls()).toBe(before);
  });

  it('is not one that merely is unusual', async () => {
    const requests: { readonly [what: string]: string } = {
      chunks: chunked('chunked'),
      'chunks in large letters': chunked('Chunked'),
      'chunks with extensions': chunked('chunked', '2;a=b\r\n{}\r\n0\r\n\r\n'),
      'empty lines before': `\r\n\r\n${honest()}`,
      'HTTP/1.0': honest().replace('HTTP/1.1', 'HTTP/1.0'),
      'the wish for another protocol': added('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c'),
      'letters that are not ASCII': added('x: ü'),
    };
    for (const [what, request] of Object.entries(requests)) {
      expect(await statuses(request), what).toEqual(['200']);
    }
    // What stands behind the chunks is no header of the request.
    const before = calls();
    const trailer = chunked(
      'chunked',
      '2\r\n{}\r\n0\r\nx-amz-target: TrentService.CreateKey\r\norigin: x\r\n\r\n',
    );
    expect(await statuses(trailer)).toEqual(['200']);
    expect(calls()).toBe(before + 1);
  });
});

describe('what can’t be read', () => {
  const answerTo = async (bytes: string) => {
    const { text } = await untilClosed(connection(served.port, bytes));
    const [head = '', body = ''] = text.split('\r\n\r\n');
    const { __type: type, message } = JSON.parse(body) as { __type: string; message: string };
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
    return `${head.slice(9, 12)} ${type}: ${message}`;
  };

  it('is answered in AWS’s form, so that its clients can say what is wrong', async () => {
    const wide = honest().replace('\r\n\r\n', `\r\nx-amz-security-token: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(await answerTo(wide)).toBe('431 SerializationException: The headers are larger than 16384 bytes.');
    expect(await answerTo('\x16\x03\x01\x00\xc8\x01\x00\x00')).toMatch(
      /^400 SerializationException: .*TLS is not spoken here/,
    );
    const impatient = await serve({ headers: 200, request: 300 });
    const socket = connection(impatient.port, 'POST');
    expect((await untilClosed(socket)).text).toMatch(/^HTTP\/1\.1 408 .*SerializationException.*in time/s);
    await impatient.endpoint.stop();
  });

  it('takes no answer from what came before it', async () => {
    const before = calls();
    const { text } = await untilClosed(connection(served.port, `${honest()}nonsense\r\n\r\n${honest()}`));
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200']);
    expect(text).toMatch(/^Connection: close/m);
    expect(calls()).toBe(before + 1);
    // An answer that is on its way comes whole.
    const page = honest().replace('content-length: 2', 'origin: x\r\ntransfer-encoding: xchunked');
    const refused = await untilClosed(connection(served.port, page));
    expect(refused.text).toMatch(/^HTTP\/1\.1 403 .*\}$/s);
  });
});

describe('a request that was damaged', () => {
  it(`is answered, and done only if it is still what was signed, and no failure (seed ${SEED})`, async () => {
    const below = numbers(SEED);
    const { id } = await newKey(served);
    // What is signed in the body is most of the request, and stands in the log.
    const input = { KeyId: id, KeySpec: 'AES_256', EncryptionContext: { matter: 'abcdefgh'.repeat(200) } };
    const request = wireText(signed(served, 'GenerateDataKey', input));
    expect(await statuses(request)).toEqual(['200']);
    const asked = () => {
      const entries = served.audit.list({ limit: RUNS * 10 });
      return entries.filter(({ principal }) => principal.endsWith('/tester'));
    };
    const [honestEntry, ...others] = asked();
    expect(others).toEqual([]);
    let done = 1;
    for (let run = 0; run < RUNS; run += 10) {
      const mutants = Array.from({ length: 10 }, () => mutant(request, below));
      const answers = await Promise.all(mutants.map(statuses));
      for (const [n, all] of answers.entries()) {
        const what = String(mutants[n]?.toString('latin1'));
        expect(all.length, what).toBeGreaterThan(0);
        for (const status of all) expect(status, what).toMatch(/^(200|4\d\d)$/);
        done += all.filter((status) => status === '200').length;
      }
    }
    const entries = asked();
    expect(entries.length).toBe(done);
    for (const { eventName, requestParameters, errorCode } of entries) {
      expect([eventName, errorCode]).toEqual(['GenerateDataKey', undefined]);
      expect(requestParameters).toEqual(honestEntry?.requestParameters);
    }
    expect((await call(served, 'ListKeys')).status).toBe(200);
  });
});

describe('a request that does not come to its end', () => {
  it('is not done, and holds nothing', async () => {
    const before = calls();
    const head = honest().slice(0, -1);
    for (const part of [head, head.slice(0, -1), 'POST / HTTP/1.1\r\nHost: ', '']) {
      const socket = connection(served.port, part);
      await call(served, 'ListAliases');
      socket.destroy();
      expect(['400', undefined]).toContain((await statuses(part))[0]);
    }
    expect(calls()).toBe(before);
    const began = performance.now();
    await served.endpoint.stop();
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

describe('the Host header', () => {
  it('needs no port where that is the one of plain HTTP', () => {
    const arrival = (host: string) => ({
      method: 'POST',
      target: '/',
      headers: [
        ['Host', host],
        ['Content-Type', JSON_TYPE],
      ] as const,
    });
    for (const host of ['127.0.0.1', 'localhost', '127.0.0.1:80', 'localhost:80']) {
      expect(refusalOf(arrival(host), 80), host).toBeUndefined();
    }
    for (const host of ['127.0.0.1', 'localhost', '127.0.0.1:80', '127.0.0.1:']) {
      expect(refusalOf(arrival(host), 8080)?.status, host).toBe(403);
    }
    for (const host of ['', 'evil.example', '127.1', 'localhost.', '[::1]', '0.0.0.0', '127.0.0.1:8080']) {
      expect(refusalOf(arrival(host), 80)?.status, host).toBe(403);
    }
  });
});
