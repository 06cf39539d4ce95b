import { describe, expect, it } from 'vitest';
import { checkSender, checkShape } from '../../../src/main/ipc/guard.ts';

const mainFrame = { url: 'app://bundle/' };
const contents = { mainFrame };
const page = { contents: () => contents, protocol: 'app:', host: 'bundle' };
const from = (event: { sender?: object; senderFrame?: { url: string } | null }) => () =>
  checkSender(
    { sender: contents, senderFrame: mainFrame, ...event } as Parameters<typeof checkSender>[0],
    page,
  );

describe('the sender of a message', () => {
  it('is the main frame of our window', () => {
    expect(from({})).not.toThrow();
  });

  it('is refused when its frame is gone', () => {
    expect(from({ senderFrame: null })).toThrow(
      expect.objectContaining({ reason: 'request-not-from-our-page', params: { why: 'frame-gone' } }),
    );
  });

  it('is refused when it is another window', () => {
    expect(from({ sender: { mainFrame } })).toThrow(
      expect.objectContaining({ reason: 'request-not-from-our-page', params: { why: 'not-our-window' } }),
    );
    expect(() =>
      checkSender({ sender: contents, senderFrame: mainFrame }, { ...page, contents: () => undefined }),
    ).toThrow(
      expect.objectContaining({ reason: 'request-not-from-our-page', params: { why: 'not-our-window' } }),
    );
  });

  it('is refused when it is a frame within the page', () => {
    expect(from({ senderFrame: { url: 'app://bundle/' } })).toThrow(
      expect.objectContaining({ reason: 'request-not-from-our-page', params: { why: 'frame-within' } }),
    );
  });

  it.each([
    'https://bundle/',
    'app://bundle.example/',
    'app://other/',
    'file:///bundle/',
    'about:blank',
    'data:text/html,app://bundle/',
    '',
  ])('is refused from %s', (url) => {
    const frame = { url };
    const other = { mainFrame: frame };
    expect(() =>
      checkSender({ sender: other, senderFrame: frame }, { ...page, contents: () => other }),
    ).toThrow(
      expect.objectContaining({ reason: 'request-not-from-our-page', params: { why: 'another-page' } }),
    );
  });
});

describe('the shape of a message', () => {
  it('may be plain data and bytes', () => {
    expect(() => checkShape({ a: [1, 'two', null, true, undefined], b: new Uint8Array(3) })).not.toThrow();
    expect(() => checkShape(undefined)).not.toThrow();
  });

  it.each(['__proto__', 'constructor', 'prototype'])('has no key %s, however deep', (name) => {
    const hostile: unknown = JSON.parse(`{"files":[{"${name}":{"polluted":true}}]}`);
    expect(() => checkShape(hostile)).toThrow(expect.objectContaining({ reason: 'request-not-plain' }));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('has no circle and is not deep', () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect(() => checkShape(circle)).toThrow(expect.objectContaining({ reason: 'request-too-large' }));
    let deep: unknown = 1;
    for (let n = 0; n < 20; n += 1) deep = [deep];
    expect(() => checkShape(deep)).toThrow(expect.objectContaining({ reason: 'request-too-large' }));
  });

  it('is bounded in characters, bytes and values', () => {
    expect(() => checkShape('x'.repeat(5_000_000))).toThrow(
      expect.objectContaining({ reason: 'request-too-large' }),
    );
    expect(() => checkShape(new Uint8Array(5_000_000))).toThrow(
      expect.objectContaining({ reason: 'request-too-large' }),
    );
    expect(() => checkShape(Array.from({ length: 200_000 }, () => 1))).toThrow(
      expect.objectContaining({ reason: 'request-too-large' }),
    );
  });

  it('runs no getter and takes no live object', () => {
    let ran = false;
    const sly = Object.defineProperty({}, 'x', { get: () => (ran = true), enumerable: true });
    expect(() => checkShape(sly)).not.toThrow();
    expect(ran).toBe(false);
    for (const live of [new Map(), new Date(), () => 1, Symbol('s'), 1n, new (class Made {})()]) {
      expect(() => checkShape(live)).toThrow(expect.objectContaining({ reason: 'request-not-plain' }));
    }
  });
});
