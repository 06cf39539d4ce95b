import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKey, OWNER } from '../kms/support.ts';
import {
  call,
  connection,
  type Reply,
  type Served,
  send,
  serve,
  signed,
  type Tweaks,
  untilClosed,
  wireText,
} from './support.ts';

let served: Served;

beforeEach(async () => {
  served = await serve();
});
afterEach(async () => served.endpoint.stop());

const MINUTE = 60_000;

async function refused(tweaks: Tweaks): Promise<Reply> {
  const reply = await call(served, 'ListKeys', {}, tweaks);
  expect(reply.status, reply.message).toBe(400);
  return reply;
}

const list = () => served.audit.list({ limit: 1_000, eventName: 'ListKeys' }).length;

describe('who asks', () => {
  it('is the client whose access key signed, and stands in the log', async () => {
    const reply = await call(served, 'ListKeys');
    expect(reply).toMatchObject({ status: 200, type: '', fields: { Keys: [], Truncated: false } });
    expect(served.audit.list({ limit: 1 })).toMatchObject([
      { eventName: 'ListKeys', principal: 'arn:aws:iam::000000000000:user/tester' },
    ]);
  });

  it('may sign the same twice: parallel calls of one second have equal signatures', async () => {
    const request = signed(served, 'ListKeys', {});
    const replies = await Promise.all([1, 2, 3].map(() => send(served.port, request)));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('must be known, sign with its own secret, and not be revoked', async () => {
    const before = list();
    const { key } = served;
    const other = served.kms.clients.create(OWNER, { name: 'other', policy: null });
    const mixed = { ...key, secretAccessKey: other.secretAccessKey };
    expect(await refused({ key: mixed })).toMatchObject({
      type: 'InvalidSignatureException',
      message: expect.stringContaining('does not match the signature you provided'),
    });
    const unknown = { ...key, accessKeyId: 'KWIAAAAAAAAAAAAAAAAA' };
    expect((await refused({ key: unknown })).type).toBe('UnrecognizedClientException');
    expect(list()).toBe(before);
    expect((await call(served, 'ListKeys', {}, { key: other })).status).toBe(200);
    served.kms.clients.revoke(OWNER, 'other');
    expect((await refused({ key: other })).type).toBe('UnrecognizedClientException');
  });

  it('is not let through when it was revoked while its body came', async () => {
    const { headers, body } = signed(served, 'ListKeys', {});
    // The policy of a key may still name a client that was revoked.
    const { id } = await newKey(served);
    const tester = 'arn:aws:iam::000000000000:user/tester';
    const allow = { Effect: 'Allow', Principal: { AWS: tester }, Action: 'kms:*', Resource: '*' };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: allow });
    await served.kms.PutKeyPolicy(OWNER, { KeyId: id, Policy, BypassPolicyLockoutSafetyCheck: true });
    const request = signed(served, 'GenerateDataKey', { KeyId: id, KeySpec: 'AES_256' });
    expect((await send(served.port, request)).status).toBe(200);
    const socket = connection(served.port, wireText({ ...request, body: request.body.subarray(0, 5) }));
    await call(served, 'ListKeys');
    served.kms.clients.revoke(OWNER, 'tester');
    socket.end(request.body.subarray(5));
    expect((await untilClosed(socket)).text).toMatch(/^HTTP\/1\.1 400 .*UnrecognizedClientException/s);
    expect((await send(served.port, { headers, body })).type).toBe('UnrecognizedClientException');
  });

  it('signs every header that decides, and the body', async () => {
    const before = list();
    for (const name of ['host', 'x-amz-date', 'x-amz-target']) {
      const reply = await refused({ unsigned: [name] });
      expect(reply.type, name).toBe('InvalidSignatureException');
      expect(reply.message, name).toMatch(new RegExp(`'${name}'.* must be a 'SignedHeader'`, 'i'));
    }
    expect((await refused({ added: { 'x-amz-more': '1' } })).message).toContain("'x-amz-more' must be");
    // As AWS's SDK for PHP does.
    expect((await call(served, 'ListKeys', {}, { unsigned: ['content-type'] })).status).toBe(200);
    const after = list();
    const request = signed(served, 'ListKeys', {});
    const changed = [
      { ...request, body: Buffer.from('{ }') },
      { ...request, headers: { ...request.headers, 'x-amz-target': 'TrentService.ListAliases' } },
      { ...request, headers: { ...request.headers, host: `localhost:${served.port}` } },
    ];
    for (const tampered of changed) {
      const headers = { ...tampered.headers, 'content-length': String(tampered.body.length) };
      expect((await send(served.port, { ...tampered, headers })).type).toBe('InvalidSignatureException');
    }
    expect([before, after]).toEqual([list() - 1, list()]);
  });

  it('signs the body itself: its hash may be said, and nothing else in its place', async () => {
    const { body } = signed(served, 'ListKeys', {});
    const { bodyHashOf } = await import('../../../src/main/server/sigv4.ts');
    const name = 'x-amz-content-sha256';
    expect((await call(served, 'ListKeys', {}, { signed: { [name]: bodyHashOf(body) } })).status).toBe(200);
    for (const said of [
      'UNSIGNED-PAYLOAD',
      'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      bodyHashOf(Buffer.from('other')),
    ]) {
      expect((await refused({ signed: { [name]: said } })).type, said).toBe('InvalidSignatureException');
    }
    expect((await refused({ signed: { [name]: 'UNSIGNED-PAYLOAD' } })).message).toContain('must be signed');
  });

  it('signs for the vault’s region and for KMS', async () => {
    expect(await refused({ region: 'us-east-1' })).toMatchObject({
      type: 'InvalidSignatureException',
      message: expect.stringMatching(
        /^Credential should be scoped to a valid region\..*local: set AWS_REGION/,
      ),
    });
    expect((await refused({ service: 's3' })).message).toMatch(
      /^Credential should be scoped to correct service: 'kms'/,
    );
    const terminator = (header: string) => header.replace('/aws4_request', '/aws5_request');
    expect((await refused({ authorization: terminator })).message).toContain("terminator: 'aws4_request'");
  });

  it('signs within five minutes, before or after', async () => {
    const now = served.clock.now();
    for (const time of [now - 5 * MINUTE + 1_000, now + 5 * MINUTE - 1_000]) {
      expect((await call(served, 'ListKeys', {}, { time })).status).toBe(200);
    }
    expect(await refused({ time: now - 5 * MINUTE - 1_000 })).toMatchObject({
      type: 'InvalidSignatureException',
      message: expect.stringMatching(/^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z/),
    });
    expect((await refused({ time: now + 5 * MINUTE + 1_000 })).message).toMatch(
      /^Signature not yet current: /,
    );
    expect((await refused({ day: '20200101' })).message).toContain("'20200101' != ");
    const bad = await refused({ signed: { 'x-amz-date': 'yesterday' } });
    expect(bad.type).toBe('IncompleteSignatureException');
  });

  it('is told what is missing or not taken', async () => {
    const without = (part: RegExp) => refused({ authorization: (header) => header.replace(part, '') });
    const request = signed(served, 'ListKeys', {});
    const { authorization: _, ...headers } = request.headers;
    expect(await send(served.port, { ...request, headers })).toMatchObject({
      status: 400,
      type: 'MissingAuthenticationTokenException',
      message: 'Missing Authentication Token',
    });
    for (const [part, name] of [
      [/Credential=[^,]+, /, 'Credential'],
      [/SignedHeaders=[^,]+, /, 'SignedHeaders'],
      [/, Signature=.*/, 'Signature'],
    ] as const) {
      expect(await without(part)).toMatchObject({
        type: 'IncompleteSignatureException',
        message: `Authorization header requires '${name}' parameter.`,
      });
    }
    expect((await without(/\/local/)).message).toContain('exactly 5 slash-delimited elements');
    const twice = await refused({ authorization: (header) => `${header}, Signature=00` });
    expect(twice.type).toBe('IncompleteSignatureException');
    for (const name of ['AWS4-ECDSA-P256-SHA256', 'AWS4-HMAC-SHA512', 'Basic']) {
      expect(
        await refused({ authorization: (header) => header.replace('AWS4-HMAC-SHA256', name) }),
      ).toMatchObject({
        type: 'IncompleteSignatureException',
        message: expect.stringContaining(`Unsupported AWS 'algorithm': '${name}'`),
      });
    }
    expect(await refused({ signed: { 'x-amz-security-token': 'token' } })).toMatchObject({
      type: 'UnrecognizedClientException',
      message: expect.stringContaining('AWS_SESSION_TOKEN'),
    });
    const presigned = await send(served.port, request, { path: '/?X-Amz-Algorithm=AWS4-HMAC-SHA256' });
    expect(presigned).toMatchObject({ status: 400, type: 'IncompleteSignatureException' });
    expect(presigned.message).toContain('presigned');
    const small = await send(served.port, request, { path: '/?x-amz-signature=00' });
    expect(small.type).toBe('IncompleteSignatureException');
    const shuffled = (header: string) => header.replace('content-type;host', 'host;content-type');
    expect((await refused({ authorization: shuffled })).message).toContain('sorted');
    expect((await refused({ authorization: (header) => header.replace(/[0-9a-f]{4}$/, 'zzzz') })).type).toBe(
      'InvalidSignatureException',
    );
  });

  it('is told what of the header can’t be: what is signed must be there, once, and the scope be whole', async () => {
    const told = async (tweaks: Tweaks) => {
      const { type, message } = await refused(tweaks);
      return `${type}: ${message}`;
    };
    const names = (list: string) => (header: string) =>
      header.replace(/SignedHeaders=[^,]+/, `SignedHeaders=${list}`);
    const all = 'content-type;host;x-amz-date;x-amz-target';
    expect(await told({ authorization: names(`${all};x-amz-user`) })).toBe(
      "IncompleteSignatureException: 'x-amz-user' is signed but is not in the request.",
    );
    for (const list of [
      all.replace('content-type', 'Content-Type'),
      `${all};x-amz-target`,
      `${all};`,
      `;${all}`,
    ]) {
      expect(await told({ authorization: names(list) }), list).toContain('lower case, sorted, and each once');
    }
    const credential = (from: RegExp, to: string) => (header: string) => header.replace(from, to);
    expect(await told({ authorization: credential(/aws4_request/, 'aws4_request/more') })).toContain(
      'exactly 5 slash-delimited elements',
    );
    const [day = ''] = new Date(served.clock.now()).toISOString().replaceAll('-', '').split('T');
    expect(await told({ day: day.slice(0, 6) })).toContain('does not match YYYYMMDD');
    expect(await told({ day: '' })).toContain('does not match YYYYMMDD');
    for (const name of ['x-amz-content-sha256', 'x-amz-user']) {
      const request = signed(served, 'ListKeys', {}, { signed: { [name]: 'a' } });
      const text = wireText(request).toString().replace(`${name}: a`, `${name}: a\r\n${name}: a`);
      const socket = connection(served.port, text);
      const first = await new Promise((resolve) => socket.once('data', resolve));
      socket.destroy();
      expect(String(first)).toContain(`The header '${name}' must stand once.`);
    }
  });

  it('is nobody in particular where signatures are not looked at', async () => {
    const open = await serve({}, 'arn:aws:iam::000000000000:user/unsigned-test');
    try {
      const { headers, body } = signed(open, 'ListKeys', {}, { region: 'eu-west-1' });
      const { authorization: _, ...bare } = headers;
      for (const given of [headers, bare]) {
        expect((await send(open.port, { headers: given, body })).status).toBe(200);
      }
      expect(open.audit.list({ limit: 1 })[0]?.principal).toBe(
        'arn:aws:iam::000000000000:user/unsigned-test',
      );
      const origin = { ...bare, origin: 'http://localhost' };
      expect((await send(open.port, { headers: origin, body })).status).toBe(403);
    } finally {
      await open.endpoint.stop();
    }
  });
});
