import { expect, it } from 'vitest';
import { Papers } from '../../../src/main/ipc/papers.ts';

it('keeps the newest papers, however many are asked for, and wipes the others', () => {
  const papers = new Papers();
  const first = papers.keep('kit', 'first');
  const { html } = papers.get(first);
  const last = Array.from({ length: 100 }, (_, n) => papers.keep('shares', `paper ${n}`));
  expect(() => papers.get(first)).toThrow();
  expect(html.every((byte) => byte === 0)).toBe(true);
  expect(
    last.filter((id) => {
      try {
        return papers.get(id).html.length > 0;
      } catch {
        return false;
      }
    }),
  ).toEqual(last.slice(-8));
});
