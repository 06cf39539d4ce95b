import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Refusals, type RefusedSpan } from '../../../src/main/server/refusals.ts';
import { KeywardError } from '../../../src/shared/errors.ts';
import { OWNER } from '../kms/support.ts';
import { call, connection, type Served, send, serve, signed, untilClosed, wireText } from './support.ts';

describe('refused requests', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const counting = () => {
    const spans: RefusedSpan[] = [];
    return {
      spans,
      refusals: new Refusals(
        () => Date.now(),
        (span) => spans.push(span),
      ),
    };
  };

  it('are reported at once, and then once a minute while there are more', () => {
    const { spans, refusals } = counting();
    refusals.note({ code: 'InvalidSignatureException', principal: 'user/a' });
    expect(spans).toEqual([
      {
        from: 1_000_000,
        until: 1_000_000,
        kinds: [{ code: 'InvalidSignatureException', principal: 'user/a', count: 1 }],
        others: 0,
      },
    ]);
    for (let n = 0; n < 10_000; n++) {
      vi.advanceTimersByTime(1);
      if (n % 5 === 0) refusals.note({ code: 'InvalidSignatureException', principal: 'user/b' });
      if (n % 2 === 0) refusals.note({ code: 'InvalidSignatureException', principal: 'user/a' });
      refusals.note({ code: 'UnrecognizedClientException' });
    }
    expect(spans.length).toBe(1);
    vi.advanceTimersByTime(50_000);
    expect(spans.slice(1)).toEqual([
      {
        from: 1_000_001,
        until: 1_060_000,
        kinds: [
          { code: 'UnrecognizedClientException', count: 10_000 },
          { code: 'InvalidSignatureException', principal: 'user/a', count: 5_000 },
          { code: 'InvalidSignatureException', principal: 'user/b', count: 2_000 },
        ],
        others: 0,
      },
    ]);
    vi.advanceTimersByTime(600_000);
    expect(spans.length).toBe(2);
    refusals.note({ code: 'UnrecognizedClientException' });
    expect(spans[2]?.kinds).toEqual([{ code: 'UnrecognizedClientException', count: 1 }]);
  });

  it('of very many kinds are told together', () => {
    const { spans, refusals } = counting();
    for (let n = 0; n <= 1_000; n++) {
      refusals.note({ code: 'InvalidSignatureException', principal: `user/${n}` });
    }
    vi.advanceTimersByTime(60_000);
    expect(spans.map(({ kinds, others }) => [kinds.length, others])).toEqual([
      [1, 0],
      [16, 984],
    ]);
    refusals.note({ code: 'UnrecognizedClientException' });
    vi.advanceTimersByTime(60_000);
    expect(spans[2]?.others).toBe(0);
  });

  it('are reported at the end, and nothing is after it', () => {
    const { spans, refusals } = counting();
    for (const _ of [1, 2, 3]) refusals.note({ code: 'MissingAuthenticationTokenException' });
    refusals.end();
    expect(spans.map(({ kinds }) => kinds[0]?.count)).toEqual([1, 2]);
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(600_000);
    refusals.end();
    expect(spans.length).toBe(2);
  });
});

describe('the endpoint', () => {
  it('tells whom it did not let in, and of nobody else', async () => {
    const spans: RefusedSpan[] = [];
    const served: Served = await serve({}, undefined, (span) => spans.push(span));
    const request = signed(served, 'ListKeys', {});
    const other = served.kms.clients.create(OWNER, { name: 'other', policy: null });
    const ask = (more: { readonly [name: string]: string }) =>
      send(served.port, { ...request, headers: { ...request.headers, ...more } });
    // Let in, or of no interest.
    await call(served, 'ListKeys');
    await call(served, 'DescribeKey', { KeyId: 'alias/none' });
    await call(served, 'ListKeys', {}, { body: '[]' });
    await call(served, 'Nothing');
    await ask({ 'content-type': 'text/plain' });
    await send(served.port, request, { method: 'GET' });
    expect(spans).toEqual([]);

    await call(served, 'ListKeys', {}, { key: { ...served.key, secretAccessKey: 'x' } });
    const tester = { code: 'InvalidSignatureException', principal: 'arn:aws:iam::000000000000:user/tester' };
    expect(spans.map(({ kinds }) => kinds)).toEqual([[{ ...tester, count: 1 }]]);
    for (const _ of [1, 2, 3]) {
      await call(served, 'ListKeys', {}, { key: { ...served.key, secretAccessKey: 'x' } });
    }
    for (const _ of [1, 2]) await ask({ authorization: '' });
    await ask({ origin: 'http://evil.example' });
    await ask({ host: 'evil.example' });
    await call(served, 'ListKeys', {}, { region: 'eu-west-1' });
    await call(served, 'ListKeys', {}, { key: { accessKeyId: 'KWIANOBODY', secretAccessKey: 'x' } });
    await send(served.port, request, { path: '/?X-Amz-Signature=00' });
    await call(served, 'ListKeys', {}, { key: other, time: 0 });
    served.kms.clients.revoke(OWNER, 'other');
    await call(served, 'ListKeys', {}, { key: other });
    vi.spyOn(served.kms.clients, 'principalOf').mockImplementation(() => {
      throw new KeywardError('VaultDamaged', 'A row does not hold.');
    });
    const expired = await call(served, 'ListKeys', {}, { time: 0 });
    expect([expired.status, expired.type]).toEqual([400, 'InvalidSignatureException']);
    const late = wireText({ ...request, body: Buffer.alloc(0) });
    const cut = untilClosed(connection(served.port, late));
    await call(served, 'ListKeys');
    await served.endpoint.stop();
    await cut;
    const [, rest, ...more] = spans;
    expect(more).toEqual([]);
    expect(rest?.kinds.slice(0, 3)).toEqual([
      { ...tester, count: 4 },
      { code: 'IncompleteSignatureException', count: 3 },
      { code: 'AccessDeniedException', count: 2 },
    ]);
    // Access keys of those who were revoked are not known any more.
    expect(rest?.kinds.slice(3)).toEqual([
      { code: 'UnrecognizedClientException', count: 2 },
      { code: 'InvalidSignatureException', principal: other.principal, count: 1 },
      { code: 'InvalidSignatureException', count: 1 },
    ]);
  });
});
