import { describe, expect, it } from 'vitest';
import { shareTexts } from '../../../src/shared/share-texts.ts';

const LETTERS = 'RE1AB'.repeat(24).slice(2, 119);

describe('the shares in a text', () => {
  it.each([
    `KWSHA-RE${LETTERS.replaceAll(/(.{5})/g, '$1-')}`.replace(/-$/, ''),
    `kwshare${LETTERS.toLowerCase()}`,
    `KWSHA RE${LETTERS.replaceAll(/(.{5})/g, '$1 ')}`.trim(),
    `KWSHA-RE${LETTERS.slice(0, 60)}\n${LETTERS.slice(60)}`,
  ])('are found as %j was typed, whatever stands between them', (typed) => {
    const text = `Share 1 of 3:\n${typed}\n\nShare 2 of 3:\n${typed}\nGive it to nobody\n`;
    expect(shareTexts(text)).toEqual([typed, typed]);
  });

  it('that are cut short are given as far as they go', () => {
    expect(shareTexts('KWSHA-RE1AB\n')).toEqual(['KWSHA-RE1AB']);
  });

  it('are told apart from a text without any, which is given as it is', () => {
    expect(shareTexts('hello')).toEqual(['hello']);
    expect(shareTexts(' \n')).toEqual([]);
  });
});
