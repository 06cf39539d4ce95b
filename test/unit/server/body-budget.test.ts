import { describe, expect, it } from 'vitest';
import { BodyBudget } from '../../../src/main/server/body-budget.ts';
import { call, connection, serve, signed, untilClosed } from './support.ts';

const KIB = 1024;
const never = new AbortController().signal;
const soon = () => new Promise((resolve) => setImmediate(resolve));

describe('the budget of bodies', () => {
  it('lets in as many as fit, then in the order of coming, and small ones always', async () => {
    const budget = new BodyBudget(100 * KIB);
    const first = await budget.take(60 * KIB, never);
    const order: string[] = [];
    const enter = async (name: string, bytes: number) => {
      const back = await budget.take(bytes, never);
      order.push(name);
      return back;
    };
    const second = enter('large', 80 * KIB);
    const third = enter('fits, but came later', 40 * KIB);
    await enter('small', 16 * KIB);
    await soon();
    expect([order, budget.taken]).toEqual([['small'], 60 * KIB]);
    first();
    first();
    (await second)();
    (await third)();
    expect([order, budget.taken]).toEqual([['small', 'large', 'fits, but came later'], 0]);
    (await budget.take(500 * KIB, never))();
    expect(budget.taken).toBe(0);
  });

  it('forgets who left, and lets in who waited behind', async () => {
    const budget = new BodyBudget(100 * KIB);
    const first = await budget.take(60 * KIB, never);
    const leaving = new AbortController();
    const gone = budget.take(100 * KIB, leaving.signal);
    const behind = budget.take(40 * KIB, never);
    leaving.abort(new Error('left'));
    await expect(gone).rejects.toThrow('left');
    (await behind)();
    first();
    expect(budget.taken).toBe(0);
    await expect(budget.take(1, leaving.signal)).rejects.toThrow('left');
  });
});

describe('maximal bodies over many connections', () => {
  /** A body of so many bytes that is understood and refused. */
  const large = (bytes: number) => `{"KeyId":"${'x'.repeat(bytes - 12)}"}`;

  it('wait unread until others are done, and all are answered (pitfall 69)', async () => {
    const served = await serve({ bodyBytes: 512 * KIB });
    try {
      const replies = await Promise.all(
        Array.from({ length: 64 }, () => call(served, 'DescribeKey', {}, { body: large(256 * KIB) })),
      );
      expect(new Set(replies.map(({ status, type }) => `${status} ${type}`))).toEqual(
        new Set(['400 ValidationException']),
      );
    } finally {
      await served.endpoint.stop();
    }
  });

  it('are not read beside one that does not end; small ones are, and who hangs up gives way', async () => {
    const served = await serve({ bodyBytes: 256 * KIB });
    const whole = large(256 * KIB);
    const { headers } = signed(served, 'DescribeKey', {}, { body: whole });
    const head = Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
    const slow = connection(served.port, `POST / HTTP/1.1\r\n${head}\r\n${whole.slice(0, 1_000)}`);
    try {
      await new Promise((resolve) => setTimeout(resolve, 50));
      let answered = false;
      const waiting = call(served, 'DescribeKey', {}, { body: whole }).then((reply) => {
        answered = true;
        return reply;
      });
      expect((await call(served, 'ListKeys')).status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(answered).toBe(false);
      const closed = untilClosed(slow);
      slow.destroy();
      await closed;
      expect((await waiting).type).toBe('ValidationException');
    } finally {
      slow.destroy();
      await served.endpoint.stop();
    }
  });
});
